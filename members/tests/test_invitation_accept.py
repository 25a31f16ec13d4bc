"""Invitation.accept, Invitation.decline, and the constraints of the table"""

import pytest
from django.db import IntegrityError, transaction

from classes.models import Class
from members.models import Invitation, Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event, User


def happened(klass, user):
    events = Event.objects.filter(class_id=klass.pk, user_id=user.pk).order_by("pk")
    return [(event.type, event.actor_user_id == user.pk) for event in events]


def test_the_person_is_in_the_class_at_once_in_the_invited_role(half_past_nine, algebra, alice, bob, dora, invited):
    for person, role in ((bob, "STUDENT"), (dora, "TEACHER")):
        invitation = invited(person.email, role)
        member = invitation.accept(Actor(person))
        assert (member.user, member.role, member.status) == (person, role, "APPROVED")
        assert member.email_given_by == person  # so teachers of the class see the address
        assert happened(algebra, person) == [("invitation.accepted", True), ("membership.invited_accepted", True)]
        accepted = Invitation.objects.get(pk=invitation.pk)
        assert (accepted.status, accepted.accepted_by) == ("ACCEPTED", person)


def test_a_request_that_waits_is_approved(algebra, bob, join, invited):
    join(algebra, bob, "PENDING")
    invited(bob.email).accept(Actor(bob))
    assert status_of(algebra, bob) == "APPROVED"
    assert [type for type, _ in happened(algebra, bob)][1:] == ["invitation.accepted", "membership.approved"]


def test_nobody_is_made_a_student_by_accepting(algebra, alice, dora, invited):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert invited(dora.email).accept(Actor(dora)).role == "TEACHER"


def test_a_student_of_the_class_becomes_a_teacher_if_the_account_may_teach(algebra, alice, dora, invited):
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    assert invited(dora.email, "TEACHER").accept(Actor(dora)).role == "TEACHER"


def test_a_student_account_can_not_accept_to_teach(algebra, bob, admin, invited):
    invitation = invited(bob.email, "TEACHER", by=admin)
    with pytest.raises(Membership.StudentCannotTeach):
        invitation.accept(Actor(bob))
    assert Invitation.objects.get().status == "PENDING"
    assert status_of(algebra, bob) is None


@pytest.mark.parametrize("status", ["REJECTED", "REMOVED"])
def test_only_an_invitation_sent_after_somebody_left_lets_them_back_in(algebra, bob, join, invited, status):
    old = invited("second@example.org")
    join(algebra, bob, status)
    with pytest.raises(Membership.AlreadyOnRecord):
        old.accept(Actor(bob))
    assert (Invitation.objects.get().status, status_of(algebra, bob)) == ("PENDING", status)
    new = invited("bob@example.org")
    new.accept(Actor(bob))
    assert status_of(algebra, bob) == "APPROVED"
    assert [type for type, _ in happened(algebra, bob)][-3:] == [
        "invitation.accepted",
        "membership.reopened",
        "membership.approved",
    ]


def test_it_is_accepted_once(algebra, bob, charlie, invited):
    invitation = invited(bob.email)
    invitation.accept(Actor(bob))
    for person in (bob, charlie):
        with pytest.raises(Invitation.NotOpen):
            invitation.accept(Actor(person))
    assert status_of(algebra, charlie) is None


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_an_expired_one_can_not_be_answered(bob, invited, time_machine, verb):
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    invitation = invited(bob.email)
    time_machine.move_to("2026-03-15T09:30:00Z", tick=False)
    with pytest.raises(Invitation.NotOpen):
        getattr(invitation, verb)(Actor(bob))


@pytest.mark.parametrize("verb", ["accept", "decline", "revoke"])
def test_nothing_changes_in_an_archived_class(algebra, alice, bob, invited, verb):
    invitation = invited(bob.email)
    algebra.archive(Actor(alice))
    with pytest.raises(Class.Archived):
        getattr(invitation, verb)(Actor(bob))


def test_declining_names_nobody_who_is_not_signed_in(algebra, invited):
    invited("amy@example.org").decline()
    event = Event.objects.latest("pk")
    assert (event.type, event.actor_user_id, event.user_id) == ("invitation.declined", None, None)
    assert event.changes == {"status": ["PENDING", "DECLINED"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "ADMIN"},
        {"stored_status": "EXPIRED"},
        {"stored_status": "ACCEPTED"},  # by nobody
    ],
)
def test_the_database_refuses_what_no_verb_writes(invited, wrong):
    invitation = invited("amy@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(**wrong)


def test_the_database_refuses_a_second_open_invitation_and_a_second_use_of_a_link(algebra, alice, invited):
    first, second = invited("amy@example.org"), invited("zoe@example.org")
    for same in ({"email": "amy@example.org"}, {"token_digest": first.token_digest}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.filter(pk=second.pk).update(**same)


@pytest.mark.parametrize("loses", ["removed", "made student", "deactivated"])
def test_an_invitation_to_teach_ends_with_the_role_of_the_teacher_who_sent_it(
    algebra, alice, dora, make_user, invited, loses
):
    second = make_user("Second", "TEACHER")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    to_teach, to_study = invited(second.email, "TEACHER", by=dora), invited("amy@example.org", by=dora)
    assert [to_teach.is_acceptable, to_study.is_acceptable] == [True, True]
    if loses == "removed":
        algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    elif loses == "made student":
        algebra.memberships.change_role(algebra, dora.pk, "STUDENT", Actor(alice))
    else:
        User.objects.filter(pk=dora.pk).update(is_active=False)
    assert [to_teach.is_acceptable, to_study.is_acceptable] == [False, True]
    assert not Invitation.objects.to(second).exists()
    with pytest.raises(Invitation.NotOpen):
        to_teach.accept(Actor(second))
    assert status_of(algebra, second) is None


def test_an_invitation_to_teach_by_an_active_administrator_stays_open(algebra, admin, dora, invited):
    to_teach = invited(dora.email, "TEACHER", by=admin)
    assert to_teach.is_acceptable
    User.objects.filter(pk=admin.pk).update(is_active=False)
    assert not to_teach.is_acceptable
