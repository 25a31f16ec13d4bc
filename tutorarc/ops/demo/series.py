"""The steps of a weekly series of the quickstart: planned at once, then one lesson after the other."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from sessions.models import Attendance, AttendanceStatus, LiveSession, Series
from sessions.recurrence.occurrences import local_time, starts_of
from sessions.recurrence.rules import Frequency, Rule
from tutorarc.domain.events import Actor
from tutorarc.ops.demo.past import Step
from tutorarc.ops.demo.plans import HOUR, MINUTE, SeriesPlan


class SeriesHistory:
    """`klass` gets the class, which is created by an earlier step."""

    def __init__(self, plan: SeriesPlan, by: Actor, klass: Callable[[], Class], now: datetime) -> None:
        self.plan, self.by, self.klass, self.now = plan, by, klass, now
        self.rule = Rule(Frequency.WEEKLY, count=plan.number)
        self.starts = _starts(plan, self.rule, now)
        self.lessons: Sequence[LiveSession] = ()

    def steps(self) -> Iterator[Step]:
        yield Step(self.now - self.plan.planned, self._schedule)
        for number, start in enumerate(self.starts):
            if message := self.plan.cancelled.get(number):
                yield Step(start - 5 * HOUR, partial(self._cancel, number, message))
            else:
                yield from self._past_lesson(number, start)
        for number, later in self.plan.moved.items():
            moved = self.starts[number] + later
            yield Step(self.now - 7 * HOUR, partial(self._move, number, moved))

    def _past_lesson(self, number: int, start: datetime) -> Iterator[Step]:
        end = start + self.plan.minutes * MINUTE
        for moment in (start, end):  # of events of the clock
            if moment < self.now:
                yield Step(moment, lambda: None)
        if end + MINUTE < self.now:
            yield Step(end + MINUTE, partial(self._mark, number))

    def _schedule(self) -> None:
        self.lessons = Series.objects.schedule(
            self.by,
            klass=self.klass(),
            title=self.plan.title,
            rule=str(self.rule),
            time_zone=self.plan.time_zone,
            starts=self.starts,
            duration=self.plan.minutes,
            strict=True,
            teacher_ref=self.by.person.pk,
        )

    def _cancel(self, number: int, message: str) -> None:
        self.lessons[number].cancel(self.by, message)

    def _move(self, number: int, start: datetime) -> None:
        self.lessons[number].reschedule(self.by, start_time=start)

    def _mark(self, number: int) -> None:
        mark_attendance(self.lessons[number], self.by, number)


def _starts(plan: SeriesPlan, rule: Rule, now: datetime) -> list[datetime]:
    """At the same local time each week, which is no time that clocks skip."""
    zone = ZoneInfo(plan.time_zone)
    first_day = (local_time(now, zone) + plan.first).date()
    first = datetime.combine(first_day, time(plan.hour), zone)
    return starts_of(rule, first, zone)


def mark_attendance(lesson: LiveSession, by: Actor, turn: int = 0) -> None:
    """All students were there but two, others at each turn: one was late, and one sent an excuse."""
    late, excused = AttendanceStatus.LATE, AttendanceStatus.EXCUSED
    students = Class.objects.get(pk=lesson.klass_id).memberships.filter(
        role=ClassRole.STUDENT, status=MembershipStatus.APPROVED
    )
    ids = list(students.order_by("pk").values_list("user_id", flat=True))
    statuses = dict.fromkeys(range(len(ids)), AttendanceStatus.PRESENT) | {1 + turn: late, 2 + turn: excused}
    if marks := {pk: statuses[index] for index, pk in enumerate(ids)}:
        Attendance.objects.mark(lesson, marks, by)
