"""Concurrent changes to attendance: real threads, each with its own connection.

| at once | outcome |
| --- | --- |
| students arrive, and the teacher marks all of them | each has what the teacher marked, with the arrival |
| a student opens the lobby in two windows | one arrival |
"""

import pytest

from sessions.models import Attendance
from tutorarc.domain.events import Actor
from tutorarc.models import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("attempt", range(3))]


@pytest.fixture
def lesson(algebra, schedule):
    return schedule(klass=algebra, strict=False)


def arrivals(lesson, people):
    return [lambda person=person: Attendance.objects.arrive(lesson, Actor(person)) for person in people]


def test_students_arrive_while_all_are_marked(attempt, run_together, crowd, algebra, alice, lesson):
    people = crowd(algebra, 7)
    marks = {person.pk: "EXCUSED" for person in people}
    *others, marked = run_together(
        [*arrivals(lesson, people), lambda: Attendance.objects.mark(lesson, marks, Actor(alice))]
    )
    assert (others, [one.status for one in marked]) == ([None] * 7, ["EXCUSED"] * 7)
    rows = Attendance.objects.all()
    assert {(row.user_id, row.status, row.arrived_at is None) for row in rows} == {
        (person.pk, "EXCUSED", False) for person in people
    }
    assert Event.objects.filter(type="session.attendance_changed").count() == 14


def test_two_windows_of_one_student_are_one_arrival(attempt, run_together, bob, algebra, join, lesson):
    join(algebra, bob)
    assert run_together(arrivals(lesson, [bob, bob])) == [None, None]
    assert Attendance.objects.filter(arrived_at__isnull=False).count() == 1
    assert Event.objects.filter(type="session.attendance_changed").count() == 1
