"""Concurrent roster imports and requests: real threads, each with a database connection of its own."""

import pytest

from members.batch_errors import Newcomer
from members.models import Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("attempt", range(3))]


def refusals(answers):
    return [type(answer) for answer in answers if isinstance(answer, Exception)]


def test_only_one_of_two_concurrent_rosters_with_a_common_student_succeeds(
    attempt, algebra, alice, bob, charlie, dora, run_together
):
    def enrol(*users):
        return Membership.objects.enrol_many(algebra, [Newcomer(user, "STUDENT") for user in users], Actor(alice))

    answers = run_together([lambda: enrol(bob, charlie), lambda: enrol(charlie, dora)])
    assert refusals(answers) == [Membership.AlreadyOnRecord]
    outcome = [status_of(algebra, user) for user in (bob, charlie, dora)]
    lost = next(index for index, answer in enumerate(answers) if isinstance(answer, Exception))
    assert outcome == [[None, "APPROVED", "APPROVED"], ["APPROVED", "APPROVED", None]][lost]


def test_only_one_of_a_concurrent_roster_and_join_request_succeeds(attempt, algebra, alice, bob, run_together):
    answers = run_together(
        [
            lambda: Membership.objects.enrol_many(algebra, [Newcomer(bob, "STUDENT")], Actor(alice)),
            lambda: Membership.objects.request(algebra, algebra.class_code, Actor(bob)),
        ]
    )
    assert refusals(answers) == [Membership.AlreadyOnRecord]
    assert algebra.memberships.filter(user=bob).count() == 1


def test_two_concurrent_rosters_that_each_remove_a_teacher_leave_one(attempt, algebra, alice, dora, run_together):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    answers = run_together(
        [
            lambda: Membership.objects.remove_many(algebra, [alice.pk], Actor(alice)),
            lambda: Membership.objects.change_roles(algebra, [dora.pk], "STUDENT", Actor(alice)),
        ]
    )
    assert refusals(answers) == [Membership.LastTeacher]
    assert algebra.memberships.teachers().count() == 1
