"""Queries on live sessions, and the method that creates one."""

from datetime import date, datetime, timedelta
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models, transaction
from django.db.models import Exists, F, FilteredRelation, Func, OuterRef, Q
from django.utils import timezone

from classes.models import FOLDED, Class
from sessions.admission import Status
from sessions.clock_events import next_clock_event
from sessions.indexes import IS_CANCELLED, IS_ENDED_EARLY, IS_OPEN
from sessions.ranges import Range, RangedQuerySet
from tutorarc.db.keyset import Window, first_keys, union_of
from tutorarc.domain.clock import start_of
from tutorarc.domain.events import Actor, insert
from tutorarc.domain.external_ids import write_with_external_id
from tutorarc.domain.text_fields import cleaned
from tutorarc.models import User

if TYPE_CHECKING:
    from sessions.models import LiveSession

MAX_DURATION_MINUTES = 1440
OVERRUN = timedelta(hours=1)  # how long a session that nobody has ended is still among the current ones


class LiveSessionQuerySet(RangedQuerySet["LiveSession"]):
    def visible_to(self, user: User, window: Window | None = None) -> "LiveSessionQuerySet":
        """Sessions of classes that approved the user, and those without a class that the user created; all for ADMIN.

        `window` limits both branches of the union (see ClassQuerySet.visible_to). The branch of created sessions
        includes those of the user's classes, so that it need not skip them to find the ones without a class.
        """
        return self._of_all(window) if user.is_admin else self.of_person(user, window)

    def _of_all(self, window: Window | None) -> "LiveSessionQuerySet":
        parts = self.parts(window, are_few=self.is_narrow(window))
        if [key for _, key in parts] == ["pk"]:
            return parts[0][0]
        return self._by_keys(first_keys(union_of(self.branches(parts, window)), window))

    def _by_keys(self, keys: models.QuerySet[Any, dict[str, Any]]) -> "LiveSessionQuerySet":
        found = self.model._default_manager.filter(pk__in=keys)
        return found.order_by(*self.query.order_by) if self.query.order_by else found

    def of_person(self, user: User, window: Window | None = None) -> "LiveSessionQuerySet":
        """The same for an administrator too: sessions of their classes, and their own without a class."""
        # By their keys alone: with the conditions repeated, PostgreSQL may read the lessons of everybody.
        return self._by_keys(self.keys_of_person(user, window))

    def keys_of_person(self, user: User, window: Window | None = None) -> models.QuerySet[Any, dict[str, Any]]:
        """The keys of `of_person`. In a query without the conditions of this one, they are found by indexes alone."""
        approved = user.memberships.filter(status="APPROVED")
        is_of_class = Exists(approved.filter(klass=OuterRef("klass")))
        is_own = Q(Q(klass=None) | is_of_class, created_by=user)
        parts = self.parts(window, are_few=self.is_narrow(window) or None)
        own = self.branches([(part.filter(is_own), key) for part, key in parts], window)
        of_classes = self._branches_of_classes(approved, "klass_id", parts, window)
        return first_keys(union_of([*own, *of_classes]), window)

    def keys_of_classes(
        self, rows: models.QuerySet[Any], column: str, window: Window | None
    ) -> models.QuerySet[Any, dict[str, Any]]:
        """A page of each of the classes whose ids are in a column of the rows.

        From all at once, PostgreSQL may read the lessons of everybody until it has a page.
        """
        return union_of(self._branches_of_classes(rows, column, self.parts(window), window))

    def _branches_of_classes(
        self, rows: models.QuerySet[Any], column: str, parts: "list[tuple[Self, str]]", window: Window | None
    ) -> list[models.QuerySet[Any, dict[str, Any]]]:
        if window is None or connection.vendor != "postgresql":
            of_classes = [(part.filter(klass__in=rows.values(column)), key) for part, key in parts]
            return self.branches(of_classes, window)
        of_class = [(part.filter(klass=OuterRef(column)), key) for part, key in parts]
        pages: list[Any] = [ArraySubquery(window.cut(branch, pk=key).values(key)) for branch, key in of_class]
        # One array of all ranges: PostgreSQL expects as many keys from each, and reads the whole table for too many.
        page = reduce(lambda first, second: Func(first, second, function="array_cat"), pages)
        key = Func(page, function="unnest", output_field=self.model._meta.pk)
        return [rows.order_by().annotate(of_class=key).values("of_class")]

    def with_class(self) -> "LiveSessionQuerySet":
        """Select the class of each session, without the columns that only searches read."""
        return self.select_related("klass").defer(*(f"klass__{name}" for name in FOLDED))

    def with_role_of(self, user: User) -> "LiveSessionQuerySet":
        """Annotate `my_role` and `my_status`: the user's membership in each session's class, None without one."""
        mine = FilteredRelation("klass__memberships", condition=Q(klass__memberships__user=user))
        role, status = F("mine__role"), F("mine__status")
        return self.with_class().annotate(mine=mine, my_role=role, my_status=status)  # type: ignore[no-redef]

    def in_status(self, status: str, time: datetime) -> "LiveSessionQuerySet":
        """Sessions whose `status_at(time)` is `status`."""
        if status == Status.CANCELLED:
            return self.filter(IS_CANCELLED)
        over = Q(ended_at__isnull=False) | Q(strict=True, end_time__lte=time)
        not_cancelled = self.not_cancelled()
        if status == Status.ENDED:
            return not_cancelled.filter(over).in_ranges(*_ranges_of_past(time))
        open_ones = not_cancelled.filter(~Q(strict=True, end_time__lte=time), ended_at=None)
        if status == Status.SCHEDULED:
            return open_ones.filter(start_time__gt=time)
        ends_itself = Q(strict=True, start_time__gt=time - timedelta(minutes=MAX_DURATION_MINUTES))
        return open_ones.filter(start_time__lte=time).in_ranges(Range(ends_itself, is_few=True), Range(IS_OPEN))

    def not_cancelled(self) -> "LiveSessionQuerySet":
        return self.filter(cancelled_at=None)

    def coming(self, time: datetime) -> "LiveSessionQuerySet":
        """Sessions that aren't over, and cancelled ones until their planned end.

        One that only a person can end is current for `OVERRUN` after its planned end. No session lasts longer than a
        day, so that only one end of the index is read.
        """
        return self.filter(_is_coming(time), start_time__gt=_earliest_start(time))

    def past(self, time: datetime) -> "LiveSessionQuerySet":
        """All others, also those that nobody has ended long after their planned end."""
        return self.exclude(_is_coming(time)).in_ranges(*_ranges_of_past(time))

    def upcoming(self, time: datetime) -> "LiveSessionQuerySet":
        """Like `coming`, soonest first, without cancelled and ended sessions and those of archived classes."""
        since = _earliest_start(time)
        of_active = Q(klass=None) | Q(klass__status=Class.Status.ACTIVE)
        goes_on = Q(end_time__gt=time) | Q(strict=False, end_time__gt=time - OVERRUN)
        open_ones = self.not_cancelled().filter(of_active, goes_on, start_time__gt=since, ended_at=None)
        return open_ones.order_by("start_time", "pk")

    def last_of(self, klass: Class) -> "LiveSession | None":
        """The lesson of the class that is latest in time, which may be a coming one. Cancelled ones don't count."""
        return self.filter(klass=klass).not_cancelled().order_by("-start_time", "-pk").first()

    def starting_on(self, first: date, last: date) -> "LiveSessionQuerySet":
        """Sessions that start on one of these days, in the current time zone."""
        return self.filter(start_time__gte=start_of(first), start_time__lt=start_of(last + timedelta(days=1)))

    def schedule(self, by: Actor, *, klass: Class | None = None, **fields: Any) -> "LiveSession":
        """Create a session. Raises Class.Archived, ExternalIdTaken, and LiveSession.TooLate for an end after 9999."""
        session = self.model(klass=klass, created_by=by.person, **cleaned(self.model, fields))
        session.end_time = self.model.end_of(session.start_time, session.duration)
        session.next_clock_event_at = next_clock_event(Status.SCHEDULED, timezone.now(), **session.times)
        write = partial(insert, session, by, verb="schedule")
        if klass is None:
            return write_with_external_id(session, session.external_id, write, field="externalId")
        with transaction.atomic():
            session.klass = Class.objects.lock_active(klass.pk)
            return write_with_external_id(session, session.external_id, write, field="externalId")

    def lock_of_series(self, session: "LiveSession") -> "list[LiveSession]":
        """Lock the class of a session, its series and all its sessions, until the transaction ends.

        Every change to several sessions locks in this order, so that two of them wait for each other. Raises
        Class.Archived.
        """
        klass = Class.objects.lock_active(session.klass_id) if session.klass_id else None
        all_series: Any = self.model._meta.get_field("series").related_model
        series = all_series._base_manager.select_for_update(no_key=True).get(pk=session.series_id)
        sessions = list(self.filter(series=series).select_for_update(of=("self",), no_key=True).order_by("pk"))
        for one in sessions:
            one.klass, one.series = klass, series
        return sessions

    def lock(self, pk: str) -> "LiveSession":
        """Lock the session's class, then the session, until the transaction ends. Raises Class.Archived."""
        class_id = self.values_list("klass_id", flat=True).get(pk=pk)
        klass = Class.objects.lock_active(class_id) if class_id else None
        session = self.select_for_update(of=("self",), no_key=True).get(pk=pk)
        session.klass = klass
        return session


def _earliest_start(time: datetime) -> datetime:
    """The earliest start of a session that can still be current."""
    return time - timedelta(minutes=MAX_DURATION_MINUTES) - OVERRUN


def _ranges_of_past(time: datetime) -> tuple[Range, Range]:
    """The ranges of start times of past sessions: before this time, or after it for those that were ended early."""
    return Range(Q(start_time__lte=time)), Range(Q(IS_ENDED_EARLY, start_time__gt=time), is_few=True)


def _is_coming(time: datetime) -> Q:
    goes_on = Q(strict=False, cancelled_at=None, end_time__gt=time - OVERRUN)
    return Q(Q(end_time__gt=time) | goes_on, ended_at=None)
