"""Sessions whose cookies can't be read from the database: keys are digests, contents are encrypted."""

import hashlib
from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.conf import settings as project
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tutorarc.domain.events import Actor
from tutorarc.http import hashed_sessions

PAGE = "/accounts/"


@pytest.fixture(autouse=True)
def _only_real_cookies(monkeypatch):
    """As in production; in other tests a client may send the key of its session."""
    monkeypatch.setattr(hashed_sessions, "is_cookie", hashed_sessions.is_cookie.__wrapped__)


def new_store(*args):
    return import_module(project.SESSION_ENGINE).SessionStore(*args)


def content(user):
    return {
        SESSION_KEY: user.pk,
        BACKEND_SESSION_KEY: project.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


def browser(cookie):
    client = Client()
    client.cookies[project.SESSION_COOKIE_NAME] = cookie
    return client


def status(cookie):
    """200 if the cookie signs in, 302 to the sign-in page if it doesn't."""
    return browser(cookie).get(PAGE).status_code


@pytest.fixture
def cookie(alice):
    """The cookie of a sign-in of Alice's."""
    store = new_store()
    store.update(content(alice))
    store.save()
    return store.cookie


@pytest.fixture
def former_cookie(alice):
    """The cookie of a sign-in that the previous version stored: it is the key, and the content is only signed."""
    key = "0123456789abcdefghijklmnopqrstuv"
    store = type("SessionStore", (db.SessionStore,), {})()
    Session.objects.create(
        session_key=key, session_data=store.encode(content(alice)), expire_date=timezone.now() + timedelta(days=1)
    )
    return key


def test_the_key_of_a_session_is_the_digest_of_its_cookie(cookie):
    assert len(cookie) == 32
    assert Session.objects.get().pk == hashlib.sha256(cookie.encode()).hexdigest()[:40]
    assert status(cookie) == 200


def test_a_key_from_the_database_opens_no_session(cookie):
    assert status(Session.objects.get().pk) == 302


def test_the_content_is_encrypted(cookie):
    stored = Session.objects.get().session_data
    assert stored.startswith("gAAAAA")
    assert db.SessionStore().decode(stored) == {}


@pytest.mark.parametrize("malformed", ["", "x", "é" * 32, "A" * 32, "a" * 31, "a" * 33, "a" * 31 + "\0", "0" * 40])
def test_a_malformed_cookie_costs_no_query(db, malformed, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert status(malformed) == 302


def test_an_unknown_cookie_costs_one_query_and_is_removed(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert new_store("a" * 32).load() == {}
    client = browser("a" * 32)
    client.get(PAGE)
    assert client.cookies[project.SESSION_COOKIE_NAME].value == ""


def test_a_sign_in_sets_a_new_cookie_and_ends_the_session_before_it(make_user):
    make_user("Erin", password="correct-horse-battery")
    planted = new_store()
    planted["seen"] = True
    planted.save()
    client = browser(planted.cookie)
    client.post("/accounts/login/", {"username": "erin@example.org", "password": "correct-horse-battery"})
    fresh = client.cookies[project.SESSION_COOKIE_NAME].value
    assert (fresh != planted.cookie, status(fresh), status(planted.cookie)) == (True, 200, 302)


def test_a_sign_out_ends_the_session(cookie):
    browser(cookie).post("/accounts/logout/")
    assert (status(cookie), Session.objects.count()) == (302, 0)


# Sessions of the previous version


def test_a_sign_in_of_the_previous_version_goes_on(former_cookie):
    assert status(former_cookie) == 200


def test_a_session_that_changes_stays_readable_for_the_previous_version(former_cookie):
    """During a rolling update the next request may reach a machine that runs it."""
    store = new_store(former_cookie)
    store["seen"] = True
    store.save()
    row = Session.objects.get()
    assert row.pk == former_cookie
    assert db.SessionStore().decode(row.session_data)["seen"] is True


def test_prune_hashes_the_keys_of_the_previous_version(former_cookie):
    call_command("prune", stdout=StringIO())
    row = Session.objects.get()
    assert (row.pk, row.session_data[:6]) == (hashed_sessions.key_of(former_cookie), "gAAAAA")
    assert status(former_cookie) == 200


# A changed secret key


@pytest.fixture
def rotated(cookie, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    return cookie


def test_after_a_rotation_two_tabs_go_on_with_the_same_cookie(rotated):
    """Django would give the first request a new cookie, and sign the second one out."""
    assert [status(rotated), status(rotated)] == [200, 200]


def test_a_session_is_encrypted_with_the_new_secret_key_once_it_is_used(rotated, settings):
    status(rotated)
    settings.SECRET_KEY_FALLBACKS = []
    assert status(rotated) == 200


def test_an_unused_session_ends_with_its_secret_key(cookie, settings):
    settings.SECRET_KEY = "new"
    assert status(cookie) == 302


def test_after_a_rotation_a_new_password_gives_the_browser_a_new_cookie(rotated, alice):
    client = browser(rotated)
    client.get(PAGE)
    store = new_store(client.cookies[project.SESSION_COOKIE_NAME].value)
    assert store[SESSION_KEY] == alice.pk
    store.cycle_key()
    assert (store.cookie != rotated, status(rotated)) == (True, 302)


def test_a_changed_password_ends_a_session_of_the_previous_version(former_cookie, alice):
    alice.change_password(Actor(alice), "another-long-one")
    assert status(former_cookie) == 302
