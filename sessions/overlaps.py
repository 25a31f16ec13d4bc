"""Lessons at the same time as one that a teacher plans: pages tell them, and nothing refuses them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django import forms
from django.db.models import Q
from django.utils.timezone import is_aware

from classes.models import Class
from sessions.admission import EARLIEST_DATETIME
from sessions.models import LiveSession
from sessions.querysets import MAX_DURATION_MINUTES
from sessions.schedule_form import OTHER
from tutorarc.db.keyset import Window
from tutorarc.models import User

MOST_NAMED = 3
LONGEST = timedelta(minutes=MAX_DURATION_MINUTES)
SOONEST = Window(("start_time", "pk"), descending=False, size=MOST_NAMED)


def overlapping(user: User, start: datetime, end: datetime, *, other_than: str = "") -> list[LiveSession]:
    """Lessons of the user and of their classes that go on between start and end: the first three. One statement.

    No lesson lasts longer than a day, so that only that part of the index is read.
    """
    since = max(start, EARLIEST_DATETIME + LONGEST) - LONGEST
    of_active = Q(klass=None) | Q(klass__status=Class.Status.ACTIVE)
    going_on = LiveSession.objects.not_cancelled().filter(
        of_active, start_time__gt=since, start_time__lt=end, end_time__gt=start, ended_at=None
    )
    others = going_on.exclude(pk=other_than) if other_than else going_on
    own = LiveSession.objects.filter(pk__in=others.keys_of_person(user, SOONEST)).with_class()
    return list(own.order_by("start_time", "pk")[:MOST_NAMED])


def overlapping_form(user: User, form: forms.Form) -> list[LiveSession]:
    """Lessons at the time that the form to schedule a lesson shows; none if that is no time."""
    start, length = form["startTime"].value(), form["length"].value()
    minutes = form["duration"].value() if length == OTHER else length
    with suppress(ValueError, TypeError, OverflowError):
        begin = start if isinstance(start, datetime) else datetime.fromisoformat(start)
        begin = begin if is_aware(begin) else begin.replace(tzinfo=UTC)  # as forms without script send it
        return overlapping(user, begin, begin + timedelta(minutes=int(minutes)))
    return []
