"""Bulk demo data: a lesson a week for each class. In every second one they are a series, whose past has attendance."""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from sessions.models import Attendance, AttendanceStatus, LiveSession, Series
from tutorarc.db.ids import EPOCH, MILLISECOND, to_uuid
from tutorarc.ops.demo import bulk, words

WEEKS = range(-4, 5)
MAX_STUDENTS = 5_000  # whose attendance is recorded
HOURS_A_WEEK = 7 * 24
SERIES_TITLES = ("Weekly lesson", "Practice", "Tutorial", "Seminar")
SERIES_COLUMNS = (
    "id", "title", "start_time", "duration", "rule", "time_zone", "klass", "created_by", "created_at",
)  # fmt: skip
SESSION_COLUMNS = (
    "id", "title", "start_time", "duration", "end_time", "strict", "teacher_ref", "klass", "created_by",
    "ended_at", "cancelled_at", "created_at", "updated_at", "series",
)  # fmt: skip
ATTENDANCE_COLUMNS = ("session", "user", "klass", "status", "arrived_at")


class Lesson(NamedTuple):
    """What a lesson, or each one of a series, is made with."""

    title: str
    duration: timedelta
    strict: bool
    created: datetime
    series: uuid.UUID | None = None


class Held(NamedTuple):
    """A lesson of the past that took place."""

    id: uuid.UUID
    start: datetime


class Lessons:
    """From four weeks ago to four weeks from now, at an hour of each class's own."""

    def __init__(self, classes: Sequence[Class], now: datetime, rng: random.Random) -> None:
        self.classes, self.now, self.rng = classes, now, rng
        self.held: dict[str, list[Held]] = {}  # of series, by the id of their class

    def insert(self) -> None:
        """To be called after the members of these classes are written."""
        series = {klass.pk: self._new_series(index) for index, klass in enumerate(self.classes) if index % 2}
        bulk.insert(Series, SERIES_COLUMNS, self._series_rows(series), lambda _: None)
        bulk.insert(LiveSession, SESSION_COLUMNS, self._session_rows(series), lambda _: None)
        bulk.insert(Attendance, ATTENDANCE_COLUMNS, self._attendance_rows(), lambda _: None)

    def _first_start(self, index: int) -> datetime:
        return self.now + timedelta(weeks=WEEKS[0], hours=index * 37 % HOURS_A_WEEK)

    def _new_series(self, index: int) -> Lesson:
        created = self._first_start(index) - timedelta(days=self.rng.randrange(1, 8))
        title, duration = self.rng.choice(SERIES_TITLES), self._duration()
        return Lesson(title, duration, self.rng.random() < 0.5, created, id_at(created, self.rng))

    def _single(self, title: str, start: datetime) -> Lesson:
        created = min(self.now, start) - timedelta(days=self.rng.randrange(1, 8))
        return Lesson(title, self._duration(), self.rng.random() < 0.5, created)

    def _duration(self) -> timedelta:
        return timedelta(minutes=self.rng.choice((45, 60, 90)))

    def _series_rows(self, series: dict[str, Lesson]) -> Iterator[bulk.Row]:
        rule = f"FREQ=WEEKLY;COUNT={len(WEEKS)}"
        for index, klass in enumerate(self.classes):
            if lesson := series.get(klass.pk):
                start, minutes = self._first_start(index), _minutes(lesson.duration)
                keys = to_uuid("cls", klass.pk), to_uuid("usr", klass.created_by_id)
                yield lesson.series, lesson.title, start, minutes, rule, "UTC", *keys, lesson.created

    def _session_rows(self, series: dict[str, Lesson]) -> Iterator[bulk.Row]:
        for index, klass in enumerate(self.classes):
            for week, title in enumerate(words.LESSONS):
                start = self._first_start(index) + timedelta(weeks=week)
                lesson = series.get(klass.pk) or self._single(title, start)
                yield self._session(klass, index, start, lesson)

    def _session(self, klass: Class, index: int, start: datetime, lesson: Lesson) -> bulk.Row:
        title, duration, strict, created, series = lesson
        end, pk = start + duration, id_at(created, self.rng)
        ended_at = end if end <= self.now and not strict else None
        cancelled_at = self.now if start > self.now and self.rng.random() < 0.1 else None
        if series and end <= self.now:
            self.held.setdefault(klass.pk, []).append(Held(pk, start))
        return (
            pk, title, start, _minutes(duration), end, strict, f"teacher_{index}", to_uuid("cls", klass.pk),
            to_uuid("usr", klass.created_by_id), ended_at, cancelled_at, created, ended_at or cancelled_at or created,
            series,
        )  # fmt: skip

    def _attendance_rows(self) -> Iterator[bulk.Row]:
        """Of the students who were in the class at the time."""
        members = Membership.objects.filter(
            klass__in=list(self.held), role=ClassRole.STUDENT, status=MembershipStatus.APPROVED
        )
        for class_id, user_id, joined in members.order_by("-pk").values_list("klass", "user", "joined_at")[
            :MAX_STUDENTS
        ]:
            for lesson in self.held[class_id]:
                if joined and joined <= lesson.start:
                    yield lesson.id, to_uuid("usr", user_id), to_uuid("cls", class_id), *self._mark(lesson.start)

    def _mark(self, start: datetime) -> tuple[str, datetime | None]:
        """A status, and when the student came."""
        [status] = self.rng.choices(AttendanceStatus.values, weights=(85, 7, 5, 3))
        late = {AttendanceStatus.PRESENT: (-10, 4), AttendanceStatus.LATE: (6, 20)}.get(AttendanceStatus(status))
        return status, start + timedelta(minutes=self.rng.randint(*late)) if late else None


def _minutes(duration: timedelta) -> int:
    return duration // timedelta(minutes=1)


def id_at(created: datetime, rng: random.Random) -> uuid.UUID:
    """A UUIDv7 of this moment."""
    upper = (created - EPOCH) // MILLISECOND << 16 | 7 << 12 | rng.getrandbits(12)
    return uuid.UUID(int=upper << 64 | 2 << 62 | rng.getrandbits(62))
