"""The page with what recently happened to the user's own account."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from tutorarc.domain import caller
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEvent, SecurityEventKind

PAGE = "/accounts/activity/"
PASSWORD = "correct-horse-battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
HERE = {"browser": "Firefox 128 on Linux", "address": "203.0.113.7", "is_by_other": False}
BY_STAFF = {"browser": "", "address": "", "is_by_other": True}


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def browser(erin):
    client = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.7")
    client.force_login(erin)
    SecurityEvent.objects.all().delete()
    return client


def rows(browser, **query):
    return browser.get(PAGE, query).context["rows"]


def shown(browser):
    """Title and note of each row."""
    return [(row["title"], row["note"]) for row in rows(browser)]


def where(row):
    return {name: row[name] for name in HERE}


def record(number, user, kind=SecurityEventKind.SIGN_OUT, **options):
    for _ in range(number):
        SecurityEvent.objects.record(kind, user=user, by=Actor(user), **options)


def test_it_says_what_happened_newest_first(browser, erin):
    browser.post("/accounts/login/")
    visitor = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.7")
    visitor.post("/accounts/login/", {"username": erin.email, "password": "wrong-password"})
    visitor.post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
    found = rows(browser)
    assert [(row["title"], row["note"]) for row in found] == [
        ("Signed in", "with a password"),
        ("Failed sign-in", ""),
    ]
    assert [where(row) for row in found] == [HERE, HERE]


@pytest.mark.parametrize(
    ("kind", "details", "note"),
    [
        (SecurityEventKind.SIGN_IN_SUCCEEDED, {"method": "password, mfa"}, "with a password and a second factor"),
        (SecurityEventKind.FACTOR_ADDED, {"factor": "webauthn"}, "passkey"),
        (SecurityEventKind.EMAIL_CHANGED, {"previous_email": "old@example.org"}, "it was old@example.org"),
        (SecurityEventKind.RIGHTS_GIVEN, {"given": ["role ADMIN", "staff"]}, "role ADMIN, staff"),
        (SecurityEventKind.SESSIONS_ENDED, {"ended": "one"}, "in one browser"),
        (SecurityEventKind.API_KEY_MADE, {"scopes": ["classes:read"]}, ""),
    ],
)
def test_the_details_are_in_words(browser, erin, kind, details, note):
    record(1, erin, kind, **details)
    assert shown(browser) == [(kind.label, note)]


def test_what_staff_did_is_named_without_their_browser_and_address(browser, erin, root):
    caller.current.set(caller.Caller(address="198.51.100.1", user_agent="curl/8", request_id="req_1"))
    erin.change_password(Actor(root), "a-longer-staple-7")
    erin.change_groups(Actor(root), [Group.objects.get(name="Support")])
    caller.current.set(caller.NO_CALLER)
    browser.force_login(type(erin).objects.get(pk=erin.pk))
    by_others = [row for row in rows(browser) if row["is_by_other"]]
    titles = ["Password set by somebody else", "Rights given", "Sessions ended"]
    assert sorted(row["title"] for row in by_others) == titles
    assert [where(row) for row in by_others] == [BY_STAFF] * 3
    page = browser.get(PAGE).text
    assert ("Root" in page, "198.51.100.1" in page, page.count(", by staff")) == (False, False, 3)


def test_repeated_failures_are_one_row_with_their_number(browser, erin):
    for _ in range(3):
        SecurityEvent.objects.record_counted(SecurityEventKind.SIGN_IN_FAILED, user=erin)
    assert [row["times"] for row in rows(browser)] == [3]
    assert "Failed sign-in, 3 times" in browser.get(PAGE).text


def test_events_about_others_and_from_more_than_90_days_ago_are_not_there(browser, erin, bob, time_machine):
    record(1, bob)
    SecurityEvent.objects.record(SecurityEventKind.EXPORT, by=Actor(erin), records="people")
    assert rows(browser) == []
    record(1, erin)
    time_machine.move_to(timezone.now() + timedelta(days=91))
    browser.force_login(erin)
    assert rows(browser) == []
    assert "Nothing." in browser.get(PAGE).text


@pytest.mark.parametrize(("number", "pages"), [(25, [25]), (26, [25, 1]), (60, [25, 25, 10])])
def test_each_page_has_25_rows_and_a_link_to_the_next(browser, erin, number, pages):
    record(number, erin)
    found, query = [], {}
    while query is not None:
        context = browser.get(PAGE, query).context
        found.append(len(context["rows"]))
        query = {"before": context["next"]} if "next" in context else None
    assert found == pages


@pytest.mark.parametrize("before", ["", "x", "\0", "sec_1", "usr_01h455vb4pex5vsknk084sn02q", "9" * 5_000])
def test_a_malformed_id_is_ignored(browser, erin, before):
    record(1, erin)
    assert len(rows(browser, before=before)) == 1


@pytest.mark.parametrize("number", [1, 60])
def test_it_costs_three_statements(browser, erin, number, django_assert_num_queries):
    record(number, erin)
    with django_assert_num_queries(3):  # session, person, events
        browser.get(PAGE)


def test_it_needs_a_sign_in_and_the_account_page_links_to_it(browser):
    assert Client().get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    assert f'href="{PAGE}"' in browser.get("/accounts/").text
    assert browser.post(PAGE).status_code == 405
