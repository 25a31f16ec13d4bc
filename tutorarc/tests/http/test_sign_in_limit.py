"""Wrong passwords for one account at one address, for one account, and from one address: then 429."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tutorarc.domain.events import Actor
from tutorarc.domain.password_hashing import HashingBusy
from tutorarc.http import sign_in_limit
from tutorarc.http.sign_in_limit import sign_in_guesses
from tutorarc.models import LimitCount

PASSWORD = "correct-horse-battery"
SIGN_IN = "/accounts/login/"
ONE_MINUTE_PAST = datetime(2026, 3, 14, 9, 31, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(ONE_MINUTE_PAST, tick=False) as traveller:
        yield traveller


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "ADMIN", password=PASSWORD, is_staff=True)


@pytest.fixture
def attempt(client):
    def sign_in(email="erin@example.org", password="wrong", address="10.0.0.1"):  # noqa: S107
        client.logout()
        fields = {"username": email, "password": password, "next": "/admin/"}
        return client.post(SIGN_IN, fields, REMOTE_ADDR=address)

    return sign_in


def without_token(page):
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content)


def statuses(attempt, count, **fields):
    return [attempt(**fields).status_code for _ in range(count)]


def test_the_eleventh_wrong_password_of_an_account_is_429(erin, attempt, clock):
    assert statuses(attempt, 11) == [200] * 10 + [429]
    refused = attempt()
    assert refused["Retry-After"] == "270"
    assert b"Too many attempts. Wait 5 minutes, then try again." in refused.content
    assert b'value="erin@example.org"' in refused.content
    assert b'value="wrong"' not in refused.content
    assert refused["Content-Type"] == "text/html; charset=utf-8"
    clock.shift(timedelta(seconds=269))
    assert statuses(attempt, 1) == [429]
    clock.shift(timedelta(seconds=1))
    assert statuses(attempt, 2) == [200, 429]


def test_during_the_limit_a_right_password_is_refused_like_a_wrong_one(erin, attempt, client, clock):
    statuses(attempt, 10)
    wrong, right = (attempt(password=password) for password in ("wrong", PASSWORD))
    assert (wrong.status_code, right.status_code) == (429, 429)
    assert without_token(right) == without_token(wrong)
    assert "_auth_user_id" not in client.session
    clock.shift(timedelta(seconds=270))
    assert attempt(password=PASSWORD).status_code == 302


def test_all_spellings_of_an_address_are_counted_together(erin, attempt):
    for count in range(10):
        attempt(["erin@example.org", " ERIN@example.org"][count % 2])
    assert attempt().status_code == 429


def test_an_account_is_blocked_only_for_the_guessing_address(erin, attempt, make_user):
    make_user("Finn", password=PASSWORD)
    statuses(attempt, 10)
    assert attempt(password=PASSWORD).status_code == 429
    assert attempt("finn@example.org", PASSWORD).status_code == 302
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 302


@pytest.mark.parametrize(
    ("others", "status"),
    [("2001:db8:0:1::2", 429), ("2001:db8:0:1:ffff::", 429), ("2001:db8:0:2::1", 302), ("::ffff:10.0.0.1", 302)],
)
def test_an_ipv6_address_is_counted_by_its_64_bit_network(erin, attempt, others, status):
    statuses(attempt, 10, address="2001:db8:0:1::1")
    assert attempt(password=PASSWORD, address=others).status_code == status


def test_refused_attempts_on_one_account_do_not_block_others_at_the_address(erin, attempt, make_user, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FROM_ADDRESS", (15, 300))
    make_user("Finn", password=PASSWORD)
    assert statuses(attempt, 30) == [200] * 10 + [429] * 20
    assert attempt("finn@example.org", PASSWORD).status_code == 302


def test_an_unknown_account_is_treated_alike(erin, attempt):
    assert statuses(attempt, 11, email="nobody@example.org") == [200] * 10 + [429]


def test_a_right_password_is_not_counted(erin, attempt):
    assert statuses(attempt, 9) == [200] * 9
    assert statuses(attempt, 20, password=PASSWORD) == [302] * 20
    assert statuses(attempt, 2) == [200, 429]


def test_a_right_password_writes_no_counter(erin, attempt):
    attempt(password=PASSWORD)
    with CaptureQueriesContext(connection) as queries:
        attempt(password=PASSWORD)
    about_limits = [query["sql"].split()[0] for query in queries if "limitcount" in query["sql"]]
    assert (about_limits, LimitCount.objects.count()) == (["SELECT"] * 2, 0)


def test_the_counters_hold_no_address(erin, attempt):
    attempt()
    keys = sorted(LimitCount.objects.values_list("key", flat=True))
    names, digests = zip(*[key.split(":") for key in keys], strict=True)
    assert names == ("password-account-address", "password-account", "password-address")
    assert {len(digest) for digest in digests} == {32}


def test_an_account_is_limited_over_all_addresses(erin, attempt, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FOR_ACCOUNT", (25, 3600))
    tries = [attempt(address=f"10.0.0.{number // 9}").status_code for number in range(26)]
    assert tries == [200] * 25 + [429]
    assert attempt(password=PASSWORD, address="10.0.1.1").status_code == 429


# A browser in which the person has signed in before


@pytest.fixture
def own_browser(erin):
    """Erin's own browser, where she has signed in before: tries a password there."""
    browser = Client()

    def sign_in(password=PASSWORD, email="erin@example.org"):
        browser.cookies.pop("sessionid", None)
        return browser.post(SIGN_IN, {"username": email, "password": password}, REMOTE_ADDR="10.0.0.1").status_code

    assert sign_in() == 302
    return sign_in


def test_the_owner_signs_in_with_a_known_browser_whatever_strangers_try(own_browser, attempt, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FOR_ACCOUNT", (20, 3600))
    monkeypatch.setattr(sign_in_limit, "FROM_ADDRESS", (20, 300))
    for number in range(60):
        attempt(address=f"10.0.0.{1 + number % 3}")
    assert attempt(password=PASSWORD).status_code == 429
    assert own_browser() == 302


def test_a_known_browser_is_limited_for_itself_and_counts_for_nothing_else(own_browser, attempt):
    assert [own_browser("wrong") for _ in range(11)] == [200] * 10 + [429]
    assert own_browser() == 429
    assert statuses(attempt, 11) == [200] * 10 + [429]
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 302


def test_a_browser_that_another_person_knows_gives_no_further_guesses(own_browser, attempt, make_user):
    make_user("Finn", password=PASSWORD)
    statuses(attempt, 10, email="finn@example.org")
    assert own_browser("wrong", "finn@example.org") == 429


def test_after_a_new_password_the_browser_is_like_any_other(own_browser, erin, attempt):
    statuses(attempt, 10)
    erin.change_password(Actor(erin), PASSWORD)
    assert own_browser() == 429


# Attempts at the same moment, each with a connection of its own


@pytest.mark.django_db(transaction=True)
def test_of_forty_wrong_passwords_at_once_ten_are_answered(erin, run_together):
    def guess():
        return attempt_in_thread("wrong")

    assert sorted(run_together([guess] * 40)) == [200] * 10 + [429] * 30


@pytest.mark.django_db(transaction=True)
def test_a_right_password_is_refused_if_ten_wrong_ones_were_answered_meanwhile(erin, monkeypatch):
    check = ModelBackend.authenticate

    def while_others_guess(self, request, *args, **named):
        for _ in range(10):
            sign_in_guesses(request, "erin@example.org").count()
        return check(self, request, *args, **named)

    monkeypatch.setattr(ModelBackend, "authenticate", while_others_guess)
    assert attempt_in_thread(PASSWORD) == 429


def attempt_in_thread(password):
    fields = {"username": "erin@example.org", "password": password}
    return Client().post(SIGN_IN, fields, REMOTE_ADDR="10.0.0.1").status_code


def test_an_address_that_tries_many_accounts_is_429(erin, attempt, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FROM_ADDRESS", (5, 300))
    assert [attempt(f"student-{number}@example.org").status_code for number in range(6)] == [200] * 5 + [429]
    assert attempt(password=PASSWORD).status_code == 429
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 302


def test_a_blocked_address_blocks_no_account(erin, attempt, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FROM_ADDRESS", (0, 300))
    assert statuses(attempt, 11) == [429] * 11
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 429
    monkeypatch.undo()
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 302


def test_a_school_behind_one_address_may_sign_in_all_at_once(make_user, attempt, monkeypatch):
    monkeypatch.setattr(sign_in_limit, "FROM_ADDRESS", (5, 300))
    for number in range(12):
        make_user(f"Student{number}", password=PASSWORD)
    assert [attempt(f"student{number}@example.org", PASSWORD).status_code for number in range(12)] == [302] * 12


def test_a_command_is_not_limited(erin):
    assert [authenticate(None, username="erin@example.org", password="wrong") for _ in range(11)] == [None] * 11
    assert authenticate(None, username="erin@example.org", password=PASSWORD) == erin


# The current password, asked for on the page to change it


@pytest.fixture
def change(client, erin):
    def post(old="wrong"):
        erin.refresh_from_db()
        client.force_login(erin)
        client.cookies.pop("browser", None)
        fields = {"old_password": old, "new_password1": "a-longer-staple-7", "new_password2": "a-longer-staple-7"}
        return client.post("/accounts/password/", fields, REMOTE_ADDR="10.0.0.1")

    return post


def test_guessing_the_current_password_is_limited_too(erin, change):
    assert [change().status_code for _ in range(11)] == [200] * 10 + [429]
    refused = change(PASSWORD)
    assert (refused.status_code, b"Too many attempts. Wait" in refused.content) == (429, True)
    assert erin.check_password(PASSWORD)


def test_guesses_of_the_current_password_are_counted_with_the_sign_ins(attempt, change):
    assert statuses(attempt, 5) == [200] * 5
    assert [change().status_code for _ in range(5)] == [200] * 5
    assert (change().status_code, attempt().status_code) == (429, 429)


def test_the_right_current_password_is_not_counted(change):
    assert [change().status_code for _ in range(9)] == [200] * 9
    assert change(PASSWORD).status_code == 302
    assert [change().status_code for _ in range(2)] == [200, 429]


def test_an_attempt_that_met_too_many_others_is_not_counted(erin, attempt, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ModelBackend, "authenticate", Mock(side_effect=HashingBusy))
        assert statuses(attempt, 11) == [503] * 11
    assert attempt(password=PASSWORD).status_code == 302


def test_right_passwords_are_limited_too_since_each_check_takes_the_turn_of_others(erin, client, attempt):
    client.force_login(erin)
    confirm = [client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code for _ in range(31)]
    assert confirm == [302] * 30 + [429]
    assert attempt(password=PASSWORD, address="10.0.0.2").status_code == 302
