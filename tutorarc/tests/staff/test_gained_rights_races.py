"""Something is made for a person, or used, at the moment when the person gains rights."""

from threading import Event

import pytest

from apikeys import models as key_models
from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.password_tokens import password_tokens
from tutorarc.models import User
from tutorarc.models import user as user_model

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a-longer-staple-7"
LONG_ENOUGH = 0.5  # seconds in which the promotion would end if it didn't wait for the other transaction


@pytest.fixture
def rita(make_user):
    return make_user("Rita", is_staff=True, is_superuser=False)


def promote(bob):
    User.objects.get(pk=bob.pk).edit(SYSTEM, is_staff=True)


@pytest.fixture
def while_written(monkeypatch, run_together, bob):
    """`while_written(module, "insert", act)`: Bob is promoted after `act` wrote and before its transaction ends."""

    def run(module, name, act):
        wrote, promoted, write = Event(), Event(), getattr(module, name)

        def write_and_wait(*args, **options):
            result = write(*args, **options)
            if not wrote.is_set():
                wrote.set()
                promoted.wait(LONG_ENOUGH)
            return result

        def promote_then():
            assert wrote.wait(10)
            promote(bob)
            promoted.set()

        monkeypatch.setattr(module, name, write_and_wait)
        return run_together([act, promote_then])

    return run


def test_a_key_that_is_being_made_during_the_promotion_is_revoked(rita, bob, while_written):
    while_written(key_models, "insert", lambda: ApiKey.objects.issue(bob, Actor(rita)))
    assert [bool(key.revoked_at) for key in ApiKey.objects.filter(owner=bob)] == [True]


def test_a_link_that_is_being_used_during_the_promotion_gives_no_password(rita, bob, while_written):
    bob.make_password_link(SYSTEM)
    token = password_tokens.by_staff.make_token(User.objects.get(pk=bob.pk))
    while_written(user_model, "change", lambda: bob.set_password_by_link(token, PASSWORD))
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


def test_a_password_that_is_being_set_during_the_promotion_is_none_afterwards(rita, bob, while_written):
    while_written(user_model, "change", lambda: bob.change_password(Actor(rita), PASSWORD))
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


def test_a_password_that_was_checked_before_the_promotion_is_none_afterwards(rita, bob, while_written):
    while_written(User, "giver", lambda: bob.change_password(Actor(rita), PASSWORD))
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


# The promotion ends after the request was authenticated, and before the verb locks the person


@pytest.fixture
def of_session(rita, bob):
    """Bob, as a session that began with a password from Rita knows him."""
    bob.change_password(Actor(rita), PASSWORD)
    user = User.objects.get(pk=bob.pk)
    promote(bob)
    return user


def test_a_session_that_ended_meanwhile_makes_no_key(of_session):
    with pytest.raises(User.SignedOut):
        ApiKey.objects.issue(of_session, Actor(of_session))
    assert ApiKey.objects.count() == 0


def test_a_session_that_ended_meanwhile_sets_no_password(of_session):
    with pytest.raises(User.SignedOut):
        of_session.change_password(Actor(of_session), PASSWORD)


def test_a_session_that_ended_meanwhile_changes_no_address(of_session):
    with pytest.raises(User.SignedOut):
        of_session.edit(Actor(of_session), email="mine@example.org")


def test_a_link_that_is_used_after_the_promotion_is_spent(bob):
    bob.make_password_link(SYSTEM)
    user = User.objects.get(pk=bob.pk)
    token = password_tokens.by_staff.make_token(user)
    promote(bob)
    with pytest.raises(User.LinkSpent):
        user.set_password_by_link(token, PASSWORD)
