"""The navigation at the top of every page."""

import re

import pytest

from apikeys.models import ApiKey
from tutorarc.domain.events import Actor

LINK = re.compile(r'<a href="([^"]+)"[^>]*?(?: aria-current="(\w+)")?>(?:<svg.*?</svg>)?(?:<span>)?([^<]+)<', re.DOTALL)
MAIN = [
    ("/", "page", "Home"),
    ("/api/v1/classes", "", "Classes"),
    ("/calendar", "", "Calendar"),
]
ACCOUNT = [
    ("/accounts/", "", "Account"),
    ("/accounts/notifications", "", "Notifications"),
    ("/accounts/2fa/", "", "Security"),
]
KEYS, WEBHOOKS, LOG, REFERENCE = DEVELOPERS = [
    ("/developers/keys", "", "API keys"),
    ("/developers/webhooks", "", "Webhooks"),
    ("/developers/log", "", "Log"),
    ("/api/docs", "", "Reference"),
]
PEOPLE = [("/api/v1/users", "", "People")]
ADMIN = [("/admin/", "", "Admin")]


def links(page, name):
    """Links of the navigation with this name: (address, aria-current, text)."""
    navs = re.findall(rf'<nav[^>]* aria-label="{name}">(.*?)</nav>', page.text, re.DOTALL)
    return [link for nav in navs for link in LINK.findall(nav)]


def test_a_visitor_sees_links_to_the_reference_and_the_sign_in(client, db):
    assert links(client.get("/"), "Main") == [REFERENCE, ("/accounts/login/", "", "Sign in")]


def test_a_visitor_who_joins_a_class_sees_no_link_to_the_reference(client, db):
    assert links(client.get("/j/ALGO-7P4X"), "Main") == [("/accounts/login/", "", "Sign in")]


def test_the_sign_in_page_has_no_link_to_itself(client, db):
    assert links(client.get("/accounts/login/"), "Main") == []


def test_a_student_finds_the_pages_for_developers_in_the_menu_of_the_account(client, bob):
    client.force_login(bob)
    home = client.get("/")
    assert links(home, "Main") == [*MAIN, ACCOUNT[0]]
    assert links(home, "Account") == [*ACCOUNT, KEYS, LOG, REFERENCE]


def test_a_teacher_has_a_menu_for_developers(client, alice):
    client.force_login(alice)
    home = client.get("/")
    assert links(home, "Main") == [*MAIN, *DEVELOPERS, ACCOUNT[0]]
    assert links(home, "Account") == [*ACCOUNT, *DEVELOPERS]


def test_staff_see_a_link_to_the_admin_site_too(client, make_user):
    client.force_login(make_user("Rita", "TEACHER", is_staff=True))
    assert links(client.get("/"), "Account") == [*ACCOUNT, *DEVELOPERS, *ADMIN]


def test_an_admin_sees_a_link_to_all_people(client, admin):
    client.force_login(admin)
    assert links(client.get("/"), "Account") == [*ACCOUNT, *DEVELOPERS, *PEOPLE]


@pytest.mark.parametrize(
    "path", ["/", "/accounts/", "/accounts/2fa/", "/developers/keys", "/api/v1/classes", "/admin/"]
)
def test_every_page_has_a_button_to_sign_out(client, root, path):
    client.force_login(root)
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert re.search(r'<form[^>]* action="/(accounts|admin)/logout/"', page)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ("Home", "page")),
        ("/api/v1/classes", ("Classes", "page")),
        ("/api/v1/classes/{klass}/members", ("Classes", "true")),
        ("/calendar", ("Calendar", "page")),
        ("/api/v1/sessions", ("Calendar", "true")),
        ("/accounts/", ("Account", "page")),
        ("/accounts/activity/", ("Account", "true")),
    ],
)
def test_the_current_page_or_its_section_is_marked(client, bob, join, algebra, path, current):
    join(algebra, bob)
    client.force_login(bob)
    page = client.get(path.format(klass=algebra.pk), headers={"Accept": "text/html"})
    assert [(words, mark) for _, mark, words in links(page, "Main") if mark] == [current]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/accounts/", ("Profile", "page")),
        ("/accounts/password/", ("Password", "page")),
        ("/accounts/2fa/", ("Passkeys and codes", "page")),
        ("/accounts/sessions/", ("Sign-ins", "page")),
        ("/accounts/notifications", ("Notifications", "page")),
        ("/accounts/activity/", ("Activity", "page")),
        ("/accounts/data", ("Your data", "page")),
        ("/accounts/delete", ("Your data", "true")),
    ],
)
def test_account_pages_link_to_each_other(client, make_user, path, current):
    user = make_user("Erin", password="learn by doing")
    client.post("/accounts/login/", {"username": user.email, "password": "learn by doing"})
    found = links(client.get(path), "Account settings")
    assert [(href, words) for href, _, words in found] == [
        ("/accounts/", "Profile"),
        ("/accounts/password/", "Password"),
        ("/accounts/2fa/", "Passkeys and codes"),
        ("/accounts/sessions/", "Sign-ins"),
        ("/accounts/notifications", "Notifications"),
        ("/accounts/activity/", "Activity"),
        ("/accounts/data", "Your data"),
    ]
    assert [(words, mark) for _, mark, words in found if mark] == [current]


@pytest.mark.parametrize(
    ("path", "current"), [("/developers/keys", "page"), ("/developers/keys/{}/revoke", "true"), ("/api/docs", "page")]
)
def test_the_menu_for_developers_is_marked_on_its_pages(client, alice, path, current):
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    client.force_login(alice)
    page = client.get(path.format(key.pk))
    assert '<summary aria-current="true">Developers</summary>' in page.text
    assert [mark for _, mark, _ in links(page, "Main") if mark] == [current]


@pytest.mark.parametrize(
    ("path", "currents"), [("/developers/keys", ["page", "", "", ""]), ("/api/docs/classes", ["", "", "", "true"])]
)
def test_pages_for_developers_link_to_each_other(client, alice, path, currents):
    client.force_login(alice)
    marked = [(href, mark, words) for (href, _, words), mark in zip(DEVELOPERS, currents, strict=True)]
    assert links(client.get(path), "Developers") == marked


def test_students_see_no_link_to_webhooks(client, bob):
    client.force_login(bob)
    assert "/developers/webhooks" not in client.get("/developers/keys").text


def test_visitors_see_no_links_to_other_pages_for_developers(client, db):
    assert links(client.get("/api/docs"), "Developers") == []


def test_the_lobby_has_no_menu(client, settings, schedule, bob):
    settings.BOARD_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    link = schedule().student_link
    assert "<nav" not in client.get(link).text
    client.force_login(bob)
    assert "<nav" not in client.get(link).text
