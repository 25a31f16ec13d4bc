"""Concurrent transfers of a class: real threads, each with a database connection of its own."""

import pytest

from members.models import Membership
from members.transfers import transfer
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor

pytestmark = pytest.mark.django_db(transaction=True)
REPEATED = pytest.mark.parametrize("attempt", range(5))


@pytest.fixture
def co_taught(algebra, alice, dora):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    return algebra


def refused(answers):
    """How many calls were refused; anything else than a refusal fails."""
    for answer in answers:
        if isinstance(answer, Exception) and not isinstance(answer, Conflict):
            raise answer
    return [isinstance(answer, Conflict) for answer in answers]


def teachers():
    return {member.user_id for member in Membership.objects.active_teachers()}


@REPEATED
def test_two_teachers_who_hand_over_to_each_other(attempt, co_taught, alice, dora, run_together):
    calls = [
        lambda: transfer(co_taught, dora.pk, Actor(alice), from_user_id=alice.pk, may_enrol=False),
        lambda: transfer(co_taught, alice.pk, Actor(dora), from_user_id=dora.pk, may_enrol=False),
    ]
    assert sorted(refused(run_together(calls))) == [False, True]
    assert len(teachers()) == 1


@REPEATED
def test_two_administrators_who_name_different_teachers(attempt, algebra, alice, dora, admin, make_user, run_together):
    eve = make_user("Eve", "TEACHER")
    calls = [
        lambda to=to: transfer(algebra, to.pk, Actor(admin), from_user_id=alice.pk, may_enrol=True)
        for to in (dora, eve)
    ]
    outcome = refused(run_together(calls))
    assert sorted(outcome) == [False, True]
    assert teachers() == {(dora, eve)[outcome.index(False)].pk}


def test_ten_identical_transfers_all_succeed_and_change_the_class_once(algebra, alice, dora, admin, run_together):
    calls = [lambda: transfer(algebra, dora.pk, Actor(admin), from_user_id=alice.pk, may_enrol=True)] * 10
    assert refused(run_together(calls)) == [False] * 10
    assert [(member.user_id, member.status) for member in Membership.objects.order_by("pk")] == [
        (alice.pk, "REMOVED"),
        (dora.pk, "APPROVED"),
    ]


@REPEATED
@pytest.mark.parametrize("change", [{"is_active": False}, {"global_role": "STUDENT"}])
def test_the_new_teacher_can_not_stop_teaching_meanwhile(attempt, algebra, alice, dora, admin, run_together, change):
    calls = [
        lambda: transfer(algebra, dora.pk, Actor(admin), from_user_id=alice.pk, may_enrol=True),
        lambda: dora.edit(Actor(admin), **change),
    ]
    assert sorted(refused(run_together(calls))) == [False, True]
    assert len(teachers()) == 1


@REPEATED
def test_the_only_teacher_hands_over_while_the_other_one_leaves(attempt, co_taught, alice, dora, run_together):
    calls = [
        lambda: transfer(co_taught, dora.pk, Actor(alice), from_user_id=alice.pk, may_enrol=False),
        lambda: Membership.objects.leave(co_taught, Actor(dora)),
    ]
    assert sorted(refused(run_together(calls))) == [False, True]
    assert len(teachers()) == 1
