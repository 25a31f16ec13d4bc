"""The lessons of a person between two days, as the calendar shows them. All days are in the current time zone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from classes.models import Class
from sessions.admission import Role, admission
from sessions.models import LiveSession
from sessions.permissions import may_change
from sessions.querysets import OVERRUN, LiveSessionQuerySet
from tutorarc.db.keyset import Window
from tutorarc.models import User

MOST_SHOWN = 300  # lessons in a month
SOONEST = Window(("start_time", "pk"), descending=False, size=MOST_SHOWN + 1)


@dataclass(frozen=True)
class Entry:
    """A lesson as the user sees it. `join` is the address to enter, on its day; empty while they can't enter."""

    session: LiveSession
    join: str
    is_over: bool


@dataclass
class Day:
    """A day with its lessons, soonest first. In a month, days of the weeks around it are not `in_month`."""

    date: date
    is_today: bool
    entries: list[Entry] = field(default_factory=list)
    in_month: bool = True


def lessons_between(user: User, first: date, last: date) -> LiveSessionQuerySet:
    """Lessons that start on these days, soonest first, cancelled ones too; without those of archived classes.

    They are the user's own and those of their classes, for administrators too. At most one more than `MOST_SHOWN`.
    """
    of_active = Q(klass=None) | Q(klass__status=Class.Status.ACTIVE)
    own = LiveSession.objects.filter(of_active).starting_on(first, last).keys_of_person(user, SOONEST)
    # By their keys alone: with the days repeated, PostgreSQL reads the lessons of everybody on them.
    lessons = LiveSession.objects.filter(pk__in=own).with_role_of(user)
    return lessons.order_by("start_time", "pk")[: SOONEST.size]


def days_with(user: User, days: Iterable[Day], lessons: Iterable[LiveSession], now: datetime) -> list[Day]:
    """The days, filled with the lessons that start on them."""
    by_day = defaultdict(list)
    for lesson in lessons:
        by_day[timezone.localdate(lesson.start_time)].append(_entry(user, lesson, now))
    filled = list(days)
    for day in filled:
        day.entries = by_day[day.date]
    return filled


def _entry(user: User, session: LiveSession, now: datetime) -> Entry:
    is_teacher = may_change(user, session)
    role: Role = "teacher" if is_teacher else "student"
    is_over = session.ended_at is not None or session.end_time <= now - (timedelta() if session.strict else OVERRUN)
    opens_today = timezone.localdate(session.start_time) <= timezone.localdate(now)
    if is_over or not opens_today or not admission(session, role, now).admitted:
        return Entry(session, "", is_over)
    return Entry(session, session.teacher_link_for(user) if is_teacher else session.student_link, is_over)
