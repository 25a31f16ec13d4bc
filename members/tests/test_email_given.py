"""Who gave the e-mail address of a person to a class: written with the membership, and filled in for earlier ones."""

from importlib import import_module

import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.records import apps_before_events, write_record

fill = import_module("members.migrations.0006_who_asked_to_join").fill
FIELDS = ("email_given_by", "email_given")


def given(user):
    return Membership.objects.filter(user=user).values_list(*FIELDS).get()


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_person_who_asked_to_join_gave_it(algebra, bob, join, status):
    join(algebra, bob, status)
    assert given(bob) == (bob.pk, "")


def test_a_teacher_who_added_somebody_by_it_gave_it(algebra, alice, bob, charlie):
    algebra.memberships.enrol(algebra, bob, "STUDENT", Actor(alice), bob.email)
    algebra.memberships.enrol(algebra, charlie, "STUDENT", Actor(alice))
    assert [given(user) for user in (alice, bob, charlie)] == [(None, ""), (alice.pk, "bob@example.org"), (None, "")]


def test_it_is_filled_in_for_earlier_join_requests(algebra, alice, bob, charlie, dora, make_user, join, monkeypatch):
    """Also for rows without audit records, if the person never joined: nobody enrols without that."""
    for member in (join(algebra, bob), join(algebra, charlie, "REMOVED")):
        write_record("members", "Membership", member, "join_request")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    waiting = Membership(klass=algebra, user=make_user("Eve"), role="STUDENT", status="PENDING")
    waiting.save()
    known = Membership.objects.enrol(algebra, make_user("Fay"), "STUDENT", Actor(alice), "fay@example.org")
    Membership.objects.exclude(pk=known.pk).update(email_given_by=None)
    monkeypatch.setattr("members.migrations.0006_who_asked_to_join.BATCH", waiting.pk - 1)  # two batches, split here
    fill(apps_before_events(), None)
    asked = {user.pk: user.pk for user in (bob, charlie, waiting.user)}
    assert dict(Membership.objects.values_list("user", "email_given_by")) == {
        **asked,
        alice.pk: None,
        dora.pk: None,
        known.user_id: alice.pk,
    }
