"""Digests of passwords: parameters, Unicode, and how many are made at once."""

import time
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from tutorarc import settings as as_written
from tutorarc.domain import password_hashing
from tutorarc.domain.password_hashing import QUEUE, HashingBusy, HashingQueue

COMPOSED, DECOMPOSED = "pl\u00fcm tree 91", "plu\u0308m tree 91"  # ü as one character, and as u with two dots
SALT = "a-salt-of-16-byte"


@pytest.fixture(autouse=True)
def real_hashers(settings):
    settings.PASSWORD_HASHERS = as_written.PASSWORD_HASHERS


@pytest.fixture
def as_before(monkeypatch):
    """Makes digests as Django does by default, but quickly: with one lane and one pass."""
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "parallelism", 1)
    return lambda password: Argon2PasswordHasher().encode(password, SALT)


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_a_password_is_the_same_however_a_keyboard_composes_it(typed):
    assert [check_password(typed, make_password(chosen)) for chosen in (COMPOSED, DECOMPOSED)] == [True, True]


@pytest.mark.parametrize(("typed", "is_right"), [(COMPOSED, False), (DECOMPOSED, True)])
def test_an_older_digest_is_of_the_password_as_it_was_typed(as_before, typed, is_right):
    assert check_password(typed, as_before(DECOMPOSED)) is is_right


def test_an_older_digest_is_replaced_by_one_in_the_common_form(as_before):
    replaced = []
    check_password(DECOMPOSED, as_before(DECOMPOSED), lambda password: replaced.append(make_password(password)))
    assert check_password(COMPOSED, replaced[0])


@pytest.mark.parametrize("hasher", ["argon2", "pbkdf2_sha256"])
def test_a_digest_is_made_and_checked_in_the_queue(monkeypatch, hasher):
    digest = make_password("plum tree 91", hasher=hasher)
    monkeypatch.setattr(password_hashing, "MAX_WAITING", -1)
    with pytest.raises(HashingBusy):
        make_password("plum tree 91", hasher=hasher)
    with pytest.raises(HashingBusy):
        check_password("plum tree 91", digest)


def test_one_thread_hashes_at_a_time(run_together):
    queue, at_once, most = HashingQueue(), [], []

    def hash_slowly():
        with queue.turn():
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.005)
            at_once.pop()

    run_together([hash_slowly] * 5)
    assert most == [1] * 5


def test_beyond_the_queue_a_request_is_refused_and_does_not_take_a_place(monkeypatch):
    monkeypatch.setattr(password_hashing, "MAX_WAITING", 0)
    queue = HashingQueue()
    with queue.turn():
        for _ in range(2):
            with pytest.raises(HashingBusy), queue.turn():
                pass
    with queue.turn():
        pass


def test_what_others_could_use_is_set_aside_while_hashing(monkeypatch):
    seen = []

    @contextmanager
    def set_aside():
        seen.append("set aside")
        yield
        seen.append("taken back")

    monkeypatch.setattr(QUEUE, "set_aside", set_aside)
    make_password("plum tree 91")
    assert seen == ["set aside", "taken back"]
