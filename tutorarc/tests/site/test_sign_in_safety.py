"""How passwords are stored, and the protection of session cookies."""

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, get_hasher, make_password
from django.contrib.sessions.models import Session

from tutorarc import settings as as_written
from tutorarc.domain.events import Actor
from tutorarc.testing.events import types_of

PASSWORD = "correct-horse-battery"
AS_ADVISED = "argon2$argon2id$v=19$m=19456,t=2,p=1$"
CREDENTIALS = {"username": "erin@example.org", "password": PASSWORD}
LOGIN = "/accounts/login/"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def real_hashers(settings):
    """The hashers of the settings file: other tests use a fast one."""
    settings.PASSWORD_HASHERS = as_written.PASSWORD_HASHERS


def test_the_fast_hasher_of_the_tests_is_not_in_the_settings():
    assert as_written.PASSWORD_HASHERS == [
        "tutorarc.domain.password_hashing.Argon2",
        "tutorarc.domain.password_hashing.PBKDF2",
    ]
    assert project.PASSWORD_HASHERS[1:] == as_written.PASSWORD_HASHERS


def test_a_password_is_stored_as_an_argon2id_digest(real_hashers, erin):
    assert erin.password.startswith(AS_ADVISED)
    assert erin.check_password(PASSWORD)
    assert not erin.check_password("wrong")


@pytest.mark.parametrize("older", [Argon2PasswordHasher(), PBKDF2PasswordHasher()], ids=["Argon2", "PBKDF2"])
def test_an_older_digest_is_replaced_at_the_next_sign_in(real_hashers, client, erin, older):
    type(erin).objects.filter(pk=erin.pk).update(password=older.encode(PASSWORD, "a-salt-of-16-byte"))
    assert client.post(LOGIN, CREDENTIALS).status_code == 302
    erin.refresh_from_db()
    assert erin.password.startswith(AS_ADVISED)
    assert client.get("/developers/keys").status_code == 200
    assert types_of(erin) == ["created"]  # the password is the same


def test_a_wrong_password_replaces_nothing(real_hashers, client, erin):
    older = make_password(PASSWORD, hasher="pbkdf2_sha256")
    type(erin).objects.filter(pk=erin.pk).update(password=older)
    client.post(LOGIN, {**CREDENTIALS, "password": "wrong"})
    erin.refresh_from_db()
    assert erin.password == older


def test_an_unknown_address_takes_as_much_work_as_a_wrong_password(client, erin, monkeypatch):
    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode

    def counted(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hasher, "encode", counted)
    for address in ("erin@example.org", "nobody@example.org"):
        client.post(LOGIN, {"username": address, "password": "wrong"})
    assert hashed == ["wrong", "wrong"]


def test_a_password_that_is_too_short_by_now_still_signs_in(client, make_user):
    make_user("Ines", password="old7")
    assert client.post(LOGIN, {"username": "ines@example.org", "password": "old7"}).status_code == 302


# The cookie


def test_the_session_cookie_is_http_only(client, erin):
    client.get(LOGIN)
    client.post(LOGIN, CREDENTIALS)
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")


def test_the_cookie_lasts_as_long_as_the_longest_sign_in(client, erin):
    client.post(LOGIN, CREDENTIALS)
    assert client.cookies["sessionid"]["max-age"] == 30 * 24 * 3600


def test_a_sign_in_gets_a_new_session_id(client, erin):
    client.session["seen"] = True
    client.session.save()
    planted = client.session.session_key
    client.cookies["sessionid"] = planted
    client.post(LOGIN, CREDENTIALS)
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_after_a_sign_out_the_old_cookie_is_invalid(client, erin):
    client.post(LOGIN, CREDENTIALS)
    stolen = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = stolen
    assert client.get("/developers/keys").status_code == 302


def test_a_changed_password_ends_every_other_sign_in(client, erin):
    client.force_login(erin)
    erin.change_password(by=Actor(erin), password="another-long-one")
    assert client.get("/developers/keys").status_code == 302
