"""Concurrent roster imports and requests: real threads, each with a database connection of its own."""

from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from members.batch_errors import Newcomer
from members.models import Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event

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


def test_one_of_two_approvals_of_the_same_people_succeeds_whatever_the_order_of_their_names(
    attempt, algebra, alice, crowd, run_together
):
    people = [user.pk for user in crowd(algebra, 200, "PENDING")]
    orders = people, people[::-1]
    answers = run_together([partial(Membership.objects.approve, algebra, order, Actor(alice)) for order in orders])
    assert refusals(answers) == [Membership.NotInState]
    assert Event.objects.filter(class_id=algebra.pk, type="membership.approved").count() == 200


@pytest.mark.skipif(connection.vendor == "sqlite", reason="On SQLite one transaction writes at a time.")
def test_people_are_approved_side_by_side_and_the_class_is_not_archived_meanwhile(
    attempt, algebra, alice, crowd, run_together
):
    one, other = crowd(algebra, 2, "PENDING")

    def archive():
        connection.cursor().execute("SET lock_timeout = '100ms'")
        algebra.archive(Actor(alice))

    with transaction.atomic():
        Membership.objects.approve(algebra, [one.pk], Actor(alice))
        assert refusals(run_together([lambda: Membership.objects.approve(algebra, [other.pk], Actor(alice))])) == []
        assert refusals(run_together([archive])) == [OperationalError]
    assert [status_of(algebra, user) for user in (one, other)] == ["APPROVED", "APPROVED"]
