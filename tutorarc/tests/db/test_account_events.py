"""What the security log has of accounts and API keys, whichever way they are changed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from apikeys.models import ApiKey
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import SecurityEvent, User

COMMAND = {"via": "command"}


@pytest.fixture
def events(alice, bob, root):
    """`events()`: kind, person, actor and details of each event after these people were added, sorted."""
    SecurityEvent.objects.all().delete()

    def collect():
        found = SecurityEvent.objects.exclude(kind="sessions.ended")  # which has a test of its own
        return sorted(found.values_list("kind", "user", "actor", "details"), key=str)

    return collect


@pytest.mark.parametrize(
    ("before", "after", "kind", "details"),
    [
        ("STUDENT", "TEACHER", "rights.given", {"given": ["role TEACHER"]}),
        ("STUDENT", "ADMIN", "rights.given", {"given": ["role ADMIN", "role TEACHER"]}),
        ("TEACHER", "ADMIN", "rights.given", {"given": ["role ADMIN"]}),
        ("ADMIN", "TEACHER", "rights.taken", {"taken": ["role ADMIN"]}),
        ("TEACHER", "STUDENT", "rights.taken", {"taken": ["role TEACHER"]}),
    ],
)
def test_a_role_includes_the_lower_ones(make_user, root, events, before, after, kind, details):
    eve = make_user("Eve", before)
    SecurityEvent.objects.all().delete()
    eve.edit(Actor(root), global_role=after)
    assert events() == [(kind, eve.pk, root.pk, details)]


def test_flags_are_rights(bob, root, events):
    bob.edit(Actor(root), is_staff=True, is_superuser=True)
    bob.edit(Actor(root), is_superuser=False)
    assert events() == [
        ("rights.given", bob.pk, root.pk, {"given": ["staff", "superuser"]}),
        ("rights.taken", bob.pk, root.pk, {"taken": ["superuser"]}),
    ]


def test_a_new_right_ends_sign_ins(bob, root, events):
    bob.edit(Actor(root), is_staff=True)
    ended = SecurityEvent.objects.filter(kind="sessions.ended").values_list("user", "actor", "details")
    assert list(ended) == [(bob.pk, root.pk, {"reason": "rights given"})]


def test_a_new_person_with_rights_is_given_them(root, events):
    User.objects.create_user("eve@example.org", by=Actor(root), display_name="Eve")
    call_command("create_user", "mo@example.org", role="TEACHER", staff=True)
    mo = User.objects.get(email="mo@example.org")
    assert events() == [("rights.given", mo.pk, None, {"given": ["role TEACHER", "staff"], **COMMAND})]


def test_address_and_activity_are_events_and_a_name_is_none(bob, root, events):
    bob.edit(Actor(root), email="robert@example.org", display_name="Robert", is_active=False)
    bob.edit(Actor(root), is_active=True, display_name="Bob")
    bob.edit(Actor(root), display_name="Robert")
    assert events() == [
        ("account.activated", bob.pk, root.pk, {}),
        ("account.deactivated", bob.pk, root.pk, {}),
        ("email.changed", bob.pk, root.pk, {"previous_email": "bob@example.org"}),
    ]


def test_rights_of_many_people(make_user, root, events):
    people = [make_user(f"p{number}", "TEACHER" if number % 2 else "STUDENT") for number in range(6)]
    SecurityEvent.objects.all().delete()
    other = {"TEACHER": "STUDENT", "STUDENT": "TEACHER"}
    User.objects.edit_many({user.pk: {"global_role": other[user.global_role]} for user in people}, Actor(root))
    taken, given = [user.pk for user in people[1::2]], [user.pk for user in people[::2]]
    expected = [*(("rights.given", key) for key in given), *(("rights.taken", key) for key in taken)]
    assert [event[:2] for event in events()] == sorted(expected)


def test_many_new_people_are_given_their_roles(root, events):
    people = [User(email=f"{name}@example.org", display_name=name, global_role="TEACHER") for name in "xyz"]
    added = User.objects.create_many(people, Actor(root))
    expected = [("rights.given", user.pk, root.pk, {"given": ["role TEACHER"]}) for user in added]
    assert events() == sorted(expected)


def test_passwords(bob, root, events):
    bob.change_password(Actor(bob), "plum-harbour-91")
    bob.change_password(Actor(root), None)
    bob.change_password(SYSTEM, "plum-harbour-92")
    assert events() == [
        ("password.changed", bob.pk, bob.pk, {}),
        ("password.set_by_other", bob.pk, root.pk, {}),
        ("password.set_by_other", bob.pk, None, COMMAND),
    ]


def test_password_links(bob, root, events):
    token = bob.make_password_link(Actor(root)).rstrip("/").rpartition("/")[2]
    assert events() == [("password_link.made", bob.pk, root.pk, {})]
    bob.set_password_by_link(token, "plum-harbour-91")
    assert events() == [
        ("password.changed", bob.pk, bob.pk, {}),
        ("password_link.made", bob.pk, root.pk, {}),
        ("password_link.used", bob.pk, bob.pk, {}),
    ]


def test_api_keys(alice, root, events):
    in_a_year = timezone.now() + timedelta(days=365)
    key, _ = ApiKey.objects.issue(alice, Actor(alice), scopes=["classes:read"], expires_at=in_a_year)
    fresh, _ = key.rotate(Actor(alice), timedelta())
    fresh.revoke(Actor(root))
    fresh.revoke(Actor(root))
    key.refresh_from_db()
    scopes, until = {"scopes": ["classes:read"]}, {"expires_at": datetime_text(in_a_year)}
    old, new = {"api_key": key.pk, **scopes}, {"api_key": fresh.pk, **scopes, **until}
    assert events() == [
        ("api_key.made", alice.pk, alice.pk, old | until),
        ("api_key.made", alice.pk, alice.pk, new),
        ("api_key.revoked", alice.pk, root.pk, new),
        ("api_key.rotated", alice.pk, alice.pk, old | {"expires_at": datetime_text(key.expires_at)}),
    ]


def test_a_key_made_by_a_command(alice, events):
    call_command("create_api_key", alice.email, scopes=["classes:read"])
    key = ApiKey.objects.get()
    assert events() == [("api_key.made", alice.pk, None, {"api_key": key.pk, "scopes": ["classes:read"], **COMMAND})]


def test_what_a_key_changes_names_the_key(alice, events):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    ApiKey.objects.issue(alice, Actor(alice, key))
    by = SecurityEvent.objects.values_list("actor", "credential")
    assert sorted(by, key=str) == sorted([(None, None), (alice.pk, key.pk)], key=str)
