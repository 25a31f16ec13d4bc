"""What the home page says about lessons: the next ones, and those that nobody has ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from sessions.models import LiveSession
from sessions.next_lesson import NextLesson, as_seen_by
from sessions.permissions import may_change
from sessions.querysets import OVERRUN
from tutorarc.api.home_parts import NEEDS_YOU
from tutorarc.api.page_slots import PartContext
from tutorarc.db.keyset import Window
from tutorarc.models import User

MOST_COMING, MOST_OPEN = 50, 5
DAYS_BACK = timedelta(days=30)
SOONEST = Window(("start_time", "pk"), descending=False, size=MOST_COMING)


def coming_lessons(user: User, now: datetime) -> list[LiveSession]:
    """The current and next lessons of the user, soonest first. One statement."""
    coming = LiveSession.objects.upcoming(now).visible_to(user, SOONEST)
    return list(coming.with_role_of(user)[:MOST_COMING])


def next_lesson(user: User, lessons: Iterable[LiveSession], now: datetime) -> NextLesson | None:
    """The first of these lessons."""
    session = next(iter(lessons), None)
    if session is None:
        return None
    return as_seen_by(user, session, is_teacher=may_change(user, session), now=now)


def open_lessons(user: User) -> PartContext | None:
    """Lessons of the last month that the user created, and that only a person can end."""
    if user.is_student:
        return None
    now = timezone.now()
    begun = LiveSession.objects.filter(created_by=user, start_time__gt=now - DAYS_BACK, start_time__lt=now)
    left_open = begun.not_cancelled().filter(strict=False, ended_at=None, end_time__lte=now - OVERRUN)
    newest = left_open.with_role_of(user).order_by("-start_time", "-pk")[:MOST_OPEN]
    found = [session for session in newest if may_change(user, session) and not session.is_class_archived]
    return {"sessions": found} if found else None


NEEDS_YOU.register("sessions/home/open_lessons.html", open_lessons, order=10)
