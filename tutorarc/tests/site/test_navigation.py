"""The navigation at the top of every page."""

import re

import pytest

from apikeys.models import ApiKey
from tutorarc.domain.events import Actor

LINK = re.compile(r'<a [^>]*?href="([^"]+)"(?: aria-current="(\w+)")?[^>]*>(?:<bdi>)?([^<]+)(?:</bdi>)?</a>')
LINKS = [
    ("/accounts/", "", "Bob"),
    ("/api/v1/classes", "", "Classes"),
    ("/api/v1/sessions", "", "Live sessions"),
    ("/developers/keys", "", "Developers"),
]


def links(page):
    top = page.content.decode().split("</header>")[0]
    return LINK.findall(top.partition("<nav")[2])


def test_a_visitor_sees_links_to_the_reference_and_the_sign_in(client, db):
    assert links(client.get("/")) == [("/api/docs", "", "Reference"), ("/accounts/login/", "", "Sign in")]


def test_the_sign_in_page_has_no_link_to_itself(client, db):
    assert links(client.get("/accounts/login/")) == [("/api/docs", "", "Reference")]


def test_a_signed_in_user_sees_all_links(client, bob):
    client.force_login(bob)
    assert links(client.get("/")) == LINKS


@pytest.mark.parametrize(
    "path", ["/", "/accounts/", "/accounts/2fa/", "/developers/keys", "/api/v1/classes", "/admin/"]
)
def test_every_page_has_a_button_to_sign_out(client, root, path):
    client.force_login(root)
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert re.search(r'<form[^>]* action="/(accounts|admin)/logout/"', page)


def test_staff_see_a_link_to_the_admin_site_too(client, root):
    client.force_login(root)
    assert links(client.get("/")) == [("/accounts/", "", "Root"), *LINKS[1:], ("/admin/", "", "Admin")]


@pytest.mark.parametrize(
    ("path", "current"), [("/developers/keys", "page"), ("/developers/keys/{}/revoke", "true"), ("/api/docs", "true")]
)
def test_the_current_page_is_marked(client, alice, path, current):
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    client.force_login(alice)
    marked = [(href, mark) for href, mark, _ in links(client.get(path.format(key.pk))) if mark]
    assert marked == [("/developers/keys", current)]


@pytest.mark.parametrize(
    ("path", "currents"), [("/developers/keys", ["page", "", "", ""]), ("/api/docs/classes", ["", "", "", "true"])]
)
def test_pages_for_developers_link_to_each_other(client, alice, path, currents):
    client.force_login(alice)
    page = client.get(path).text
    [nav] = re.findall(r'<nav class="section-nav" aria-label="Developers">(.*?)</nav>', page, re.DOTALL)
    pages = [
        ("/developers/keys", "API keys"),
        ("/developers/webhooks", "Webhooks"),
        ("/developers/log", "Log"),
        ("/api/docs", "Reference"),
    ]
    marked = zip(pages, currents, strict=True)
    assert LINK.findall(nav) == [(href, current, words) for (href, words), current in marked]


def test_students_see_no_link_to_webhooks(client, bob):
    client.force_login(bob)
    assert "/developers/webhooks" not in client.get("/developers/keys").text


def test_visitors_see_no_links_to_other_pages_for_developers(client, db):
    assert "section-nav" not in client.get("/api/docs").text


def test_the_lobby_has_no_other_links(client, settings, schedule, bob):
    settings.BOARD_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    link = schedule().student_link
    assert links(client.get(link)) == []
    client.force_login(bob)
    assert links(client.get(link)) == LINKS
