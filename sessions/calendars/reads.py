"""The lessons of a feed, in a few statements however many there are."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import DateTimeField, F, Func, OuterRef, Q, QuerySet

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from sessions.calendars.entries import Entry
from sessions.models import LiveSession
from sessions.permissions import may_change
from sessions.querysets import LiveSessionQuerySet
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.models import User

MOST = 1000
FEW_CLASSES = 5  # of which all pages are read at once
BACK = timedelta(days=90)
CANCELLED_FOR = timedelta(days=30)  # how long a cancelled lesson is told
BY_START = ("start_time", "pk")
COLUMNS = ("pk", "title", "start_time", "end_time", "calendar_sequence", "updated_at", "cancelled_at", "cancel_message")


def entries_of(user: User, class_id: str | None, now: datetime) -> list[Entry]:
    """Lessons of the user, or of one class: those to come, and before them those of the last 90 days; 1,000 at most."""
    shown, classes = _shown(now), _classes(user, class_id)
    creator = user if class_id is None else None
    own = partial(_read, shown, user=user, classes=classes, creator=creator)
    coming = own(Q(start_time__gt=now), Window(BY_START, descending=False, size=MOST))
    room = MOST - len(coming)
    past = Q(start_time__lte=now, start_time__gt=now - BACK)
    before = own(past, Window(BY_START, descending=True, size=room)) if room else []
    return [*reversed(before), *coming]


def _classes(user: User, class_id: str | None) -> list[str]:
    """Whose lessons are in the feed."""
    approved = user.memberships.filter(status=MembershipStatus.APPROVED)
    if class_id is None:
        return list(approved.values_list("klass_id", flat=True))
    return [class_id] if user.is_admin or approved.filter(klass=class_id).exists() else []


def entry_of(user: User, session: LiveSession) -> Entry:
    """One lesson, which was loaded `with_role_of` the user, who may see it."""
    values: list[Any] = [getattr(session, name) for name in COLUMNS]
    return Entry._make([*values, session.klass.title if session.klass else None, may_change(user, session)])


def _shown(now: datetime) -> LiveSessionQuerySet:
    """Not those that were ended before they began, nor those to come of archived classes, which nobody can enter."""
    takes_place = Q(ended_at=None) | Q(ended_at__gte=F("start_time"))
    of_active = Q(klass=None) | Q(klass__status=Class.Status.ACTIVE) | Q(start_time__lte=now)
    is_told = Q(cancelled_at=None) | Q(cancelled_at__gt=now - CANCELLED_FOR)
    return LiveSession.objects.filter(takes_place, of_active, is_told)


def _read(
    shown: LiveSessionQuerySet, period: Q, window: Window, *, user: User, classes: list[str], creator: User | None
) -> list[Entry]:
    """The lessons of a period on a page. Later ones of each class are not read, unless many before aren't shown."""
    last = _last_start(period, window, classes, creator)
    near = Q(**{f"start_time__{'gte' if window.descending else 'lte'}": last}) if last else Q()
    found = list(_entries(_page(shown.filter(period, near), window, user, classes, creator), user))
    if last and len(found) < window.size:
        found = list(_entries(_page(shown.filter(period), window, user, classes, creator), user))
    return found


def _last_start(period: Q, window: Window, classes: list[str], creator: User | None) -> datetime | None:
    """When the last of half as many lessons again as on the page starts, shown or not; None if there are fewer.

    It is read from indexes alone. None also for few classes, and on SQLite, which does not read a page of each class.
    """
    if len(classes) <= FEW_CLASSES or connection.vendor != "postgresql":
        return None
    lessons, size = LiveSession.objects.filter(period), window.size + window.size // 2
    page = replace(window, size=size)
    of_class = ArraySubquery(page.cut(lessons.filter(klass=OuterRef("pk"))).values("start_time"))
    start = Func(of_class, function="unnest", output_field=DateTimeField())
    starts: Any = Class.objects.filter(pk__in=classes).order_by().annotate(start_time=start).values_list("start_time")
    if creator:
        own = page.cut(lessons.filter(klass=None, created_by=creator)).values_list("start_time")
        starts = starts.union(own, all=True)
    [last] = starts.order_by(f"{'-' * window.descending}start_time")[size - 1 : size] or [(None,)]
    return last[0]


def _page(
    sessions: LiveSessionQuerySet, window: Window, user: User, classes: list[str], creator: User | None
) -> QuerySet[LiveSession, tuple[Any, ...]]:
    keys = sessions.keys_of_classes(Class.objects.filter(pk__in=classes), "pk", window)
    if creator:
        keys = keys.union(branch_keys(LiveSession, sessions.filter(klass=None, created_by=creator), "pk", window))
    own = window.cut(LiveSession.objects.filter(pk__in=keys).with_role_of(user))
    return own.values_list(*COLUMNS, "klass__title", "klass_id", "my_role")


def _entries(rows: Any, user: User) -> Iterable[Entry]:
    for *values, title, class_id, role in rows:
        is_teacher = class_id is None or role == ClassRole.TEACHER or user.is_admin
        yield Entry._make([*values, title, is_teacher])
