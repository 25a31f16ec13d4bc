"""Lessons at the same time as one that a teacher plans: pages tell them, and nothing refuses them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from classes.models import Class
from sessions.admission import EARLIEST_DATETIME
from sessions.models import LiveSession
from sessions.querysets import MAX_DURATION_MINUTES
from sessions.schedule_form import ScheduleForm, minutes_of
from tutorarc.db.keyset import Window
from tutorarc.models import User

Period = tuple[datetime, datetime]  # from, until

MOST_NAMED = 3
LONGEST = timedelta(minutes=MAX_DURATION_MINUTES)
SOONEST = Window(("start_time", "pk"), descending=False, size=MOST_NAMED)


def overlapping(user: User, start: datetime, end: datetime, *, other_than: str = "") -> list[LiveSession]:
    """Lessons of the user and of their classes that go on between start and end: the first three. One statement."""
    return overlapping_any(user, [(start, end)], other_than=other_than)


def overlapping_any(user: User, periods: Sequence[Period], *, other_than: str = "") -> list[LiveSession]:
    """As `overlapping`, for at least one period, such as the dates of a series.

    No lesson lasts longer than a day, so that only that part of the index is read.
    """
    first, last = min(start for start, _ in periods), max(end for _, end in periods)
    since = max(first, EARLIEST_DATETIME + LONGEST) - LONGEST
    of_active = Q(klass=None) | Q(klass__status=Class.Status.ACTIVE)
    in_one = reduce(or_, (Q(start_time__lt=end, end_time__gt=start) for start, end in periods))
    going_on = LiveSession.objects.not_cancelled().filter(
        of_active, in_one, start_time__gt=since, start_time__lt=last, ended_at=None
    )
    others = going_on.exclude(pk=other_than) if other_than else going_on
    own = LiveSession.objects.filter(pk__in=others.keys_of_person(user, SOONEST)).with_class()
    return list(own.order_by("start_time", "pk")[:MOST_NAMED])


def overlapping_form(user: User, form: ScheduleForm) -> list[LiveSession]:
    """Lessons at the time, or at one of the ticked dates, that the form shows; none if that is no time."""
    if form.planned:
        kept = [(date.start, date.end) for date in form.planned if date.is_kept]
        return overlapping_any(user, kept) if kept else []
    minutes = minutes_of({name: form[name].value() for name in ("length", "duration")})
    with suppress(OverflowError):
        if form.start and minutes:
            return overlapping(user, form.start, form.start + timedelta(minutes=minutes))
    return []
