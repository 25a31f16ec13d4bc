"""The page that lists where a user is signed in, and ends these sign-ins."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tutorarc.models import SecurityEvent, SecurityEventKind

PAGE = "/accounts/sessions/"
PASSWORD = "correct-horse-battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CURL = "curl/8.5.0"
ALL_SIGN_INS = SecurityEventKind.SESSIONS_ENDED


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def sign_in(erin):
    """`sign_in(FIREFOX, "203.0.113.7")`: a browser of Erin's."""

    def make(user_agent, address="203.0.113.7"):
        browser = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=address)
        browser.post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
        return browser

    return make


def is_signed_in(browser):
    answers = [browser.get(path).status_code for path in ("/api/v1/me", "/developers/keys")]
    assert answers in ([200, 200], [401, 302])
    return answers == [200, 200]


def rows(browser):
    return [(row["browser"], row["address"], row["is_current"]) for row in browser.get(PAGE).context["rows"]]


def end(browser, number):
    return browser.post(PAGE, {"session": browser.get(PAGE).context["rows"][number]["pk"]}, follow=True)


def messages_of(page):
    return [str(message) for message in page.context["messages"]]


def test_it_lists_the_sign_ins_with_browser_and_address_this_one_first(sign_in):
    sign_in(CURL, "198.51.100.1")
    assert rows(sign_in(FIREFOX)) == [
        ("Firefox 128 on Linux", "203.0.113.7", True),
        ("curl 8.5.0", "198.51.100.1", False),
    ]


def test_it_shows_when_a_sign_in_was_last_used(sign_in, time_machine):
    other, mine = sign_in(CURL), sign_in(FIREFOX)
    later = timezone.now() + timedelta(hours=1)
    time_machine.move_to(later, tick=False)
    other.get("/api/v1/me", REMOTE_ADDR="198.51.100.9")
    [_, row] = mine.get(PAGE).context["rows"]
    assert (row["last_seen_at"], row["address"]) == (later, "198.51.100.9")


def test_it_does_not_list_the_sign_ins_of_others(sign_in, client, alice):
    sign_in(FIREFOX)
    client.force_login(alice)
    client.post(PAGE, {"others": "yes"})
    assert len(rows(client)) == 1


def test_an_ended_sign_in_is_not_listed(sign_in):
    ended, mine = sign_in(CURL), sign_in(FIREFOX)
    ended.post("/accounts/logout/")
    assert len(rows(mine)) == 1


def test_signing_out_one_browser_ends_it_on_pages_and_in_the_api(sign_in, erin):
    other, third, mine = sign_in(CURL), sign_in(CURL), sign_in(FIREFOX)
    page = end(mine, 2)
    assert messages_of(page) == ["You are signed out in that browser."]
    assert [is_signed_in(browser) for browser in (other, third, mine)] == [False, True, True]
    event = SecurityEvent.objects.get(kind=ALL_SIGN_INS)
    assert (event.user, event.actor, event.details) == (erin, erin, {"ended": "one"})


def test_signing_out_everywhere_else_ends_all_others(sign_in, erin):
    other, mine = sign_in(CURL), sign_in(FIREFOX)
    page = mine.post(PAGE, {"others": "yes"}, follow=True)
    assert messages_of(page) == ["You are signed out everywhere else."]
    assert [is_signed_in(browser) for browser in (other, mine)] == [False, True]
    assert rows(mine) == [("Firefox 128 on Linux", "203.0.113.7", True)]
    assert SecurityEvent.objects.get(kind=ALL_SIGN_INS).details == {"ended": "all"}


def test_it_also_ends_a_stolen_session_that_is_on_no_list(sign_in, erin):
    stolen, mine = Client(), sign_in(FIREFOX)
    stolen.force_login(erin)
    assert len(rows(mine)) == 1
    mine.post(PAGE, {"others": "yes"})
    assert [is_signed_in(browser) for browser in (stolen, mine)] == [False, True]


def test_a_copy_of_the_own_cookie_is_ended_too(sign_in):
    mine, thief = sign_in(FIREFOX), Client()
    thief.cookies["sessionid"] = mine.cookies["sessionid"].value
    assert is_signed_in(thief)
    mine.post(PAGE, {"others": "yes"})
    assert [is_signed_in(browser) for browser in (thief, mine)] == [False, True]


@pytest.mark.parametrize("number", ["", "x", "0", "٣", "9" * 30])
def test_a_wrong_number_ends_nothing(sign_in, number):
    other, mine = sign_in(CURL), sign_in(FIREFOX)
    assert mine.post(PAGE, {"session": number}).status_code == 302
    assert [is_signed_in(browser) for browser in (other, mine)] == [True, True]


def test_nobody_can_end_the_sign_in_of_another(sign_in, client, alice):
    browser = sign_in(FIREFOX)
    client.force_login(alice)
    page = client.post(PAGE, {"session": UserSession.objects.get().pk}, follow=True)
    assert (messages_of(page), is_signed_in(browser)) == (["That sign-in has already ended."], True)


def test_other_sites_cannot_send_the_form(erin):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(erin)
    assert browser.post(PAGE, {"others": "yes"}).status_code == 403


def test_a_visitor_signs_in_first(client, db):
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_a_sign_in_of_the_version_before_gets_onto_the_list_when_it_is_used(erin, client, time_machine):
    client.force_login(erin)
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 0)
    time_machine.move_to(timezone.now() + timedelta(minutes=5), tick=False)
    client.get("/api/v1/me")
    assert rows(client) == [("Unknown browser", "127.0.0.1", True)]


def test_a_sign_in_costs_the_same_after_many_others(sign_in):
    """The list of them isn't checked then."""

    def statements():
        with CaptureQueriesContext(connection) as sign_in_again:
            sign_in(FIREFOX)
        return len(sign_in_again)

    sign_in(FIREFOX)
    second = statements()
    for _ in range(3):
        sign_in(FIREFOX)
    assert statements() == second


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5_000, "²", "-1", ""])
def test_an_unknown_sign_in_has_ended(sign_in, number):
    page = sign_in(FIREFOX).post(PAGE, {"session": number}, follow=True)
    assert messages_of(page) == ["That sign-in has already ended."]


def test_the_newest_50_are_listed(sign_in, monkeypatch):
    monkeypatch.setattr("tutorarc.site.accounts.sign_ins.ON_A_PAGE", 2)
    for _ in range(2):
        sign_in(CURL)
    assert [name for name, *_ in rows(sign_in(FIREFOX))] == ["Firefox 128 on Linux", "curl 8.5.0"]
