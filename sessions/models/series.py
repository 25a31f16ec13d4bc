"""Series of live sessions (docs/contract.md, "Series"): created together, and changed together."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from classes.models import FOLDED, Class
from sessions.admission import Status
from sessions.clock_events import next_clock_event
from sessions.models.live_session import LiveSession
from sessions.recurrence.rules import MAX_LENGTH
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.events import Actor, record
from tutorarc.domain.text_fields import LineField, cleaned
from tutorarc.domain.time_zones import MAX_LENGTH as MAX_ZONE_LENGTH
from tutorarc.models import User


class Scope(models.TextChoices):
    """Which sessions of a series a change is for: see `sessions/models/series_changes.py`."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User, window: Window | None = None) -> "SeriesQuerySet":
        """Series of classes that approved the user, and those without a class that the user created; all for ADMIN."""
        if user.is_admin:
            return self
        approved = user.memberships.filter(status="APPROVED").values("klass_id")
        own = branch_keys(self.model, self.filter(klass=None, created_by=user), "pk", window)
        of_classes = branch_keys(self.model, self.filter(klass__in=approved), "pk", window)
        return self.filter(pk__in=own.union(of_classes))

    def with_role_of(self, user: User) -> "SeriesQuerySet":
        """Annotate `my_role` and `my_status`: the user's membership in each series' class, None without one."""
        mine = FilteredRelation("klass__memberships", condition=Q(klass__memberships__user=user))
        series = self.select_related("klass").defer(*(f"klass__{name}" for name in FOLDED))
        return series.annotate(mine=mine, my_role=F("mine__role"), my_status=F("mine__status"))  # type: ignore[no-redef]

    @transaction.atomic
    def schedule(
        self,
        by: Actor,
        *,
        rule: str,
        time_zone: str,
        starts: Sequence[datetime],
        klass: Class | None = None,
        **fields: Any,
    ) -> list[LiveSession]:
        """Create a series with a session at each of `starts`, which follow from the rule and aren't empty.

        `fields` are those that all sessions have: title, duration, strict, teacher_ref, room_url and signed_links. The
        number of statements is the same for any number of sessions. Raises Class.Archived, and LiveSession.TooLate.
        """
        fields = cleaned(LiveSession, fields)
        klass = Class.objects.lock_active(klass.pk) if klass else None
        series = self.create(
            title=fields["title"],
            start_time=starts[0],
            duration=fields["duration"],
            rule=rule,
            time_zone=time_zone,
            klass=klass,
            created_by=by.person,
        )
        made = LiveSession.objects.bulk_create(_sessions(series, starts, fields))
        record(made, by, verb="schedule", created=True)
        return made


def _sessions(series: "Series", starts: Sequence[datetime], fields: dict[str, Any]) -> Iterator[LiveSession]:
    now = timezone.now()
    for start in starts:
        session = LiveSession(
            series=series, klass=series.klass, created_by=series.created_by, start_time=start, **fields
        )
        session.end_time = LiveSession.end_of(start, session.duration)
        session.next_clock_event_at = next_clock_event(Status.SCHEDULED, now, **session.times)
        yield session


class Series(ChangedByVerbs):
    """What a series was made with. It never changes: later changes are those of its sessions."""

    class SkippedTime(Invalid):
        reason = "skipped_local_time"
        message = "Clocks are put forward over this time of day. Choose another one."

        @classmethod
        def at(cls, times: Sequence[datetime], zone: str) -> "Series.SkippedTime":
            """Names the days of these local times."""
            days = ", ".join(f"{time:%Y-%m-%d}" for time in times[:MOST_NAMED])
            more = f" and on {len(times) - MOST_NAMED} more days" if len(times) > MOST_NAMED else ""
            message = f"There is no {times[0]:%H:%M} in {zone} on {days}{more}: clocks are put forward over it."
            return cls(message, [Detail("startTime", cls.reason, message)])

    class NotInSeries(Conflict):
        reason = "not_in_a_series"
        message = "The session belongs to no series: leave out the scope, or make it `this`."

    class Over(Conflict):
        reason = "series_over"
        message = "None of these sessions is still to come, so there is nothing to change."

    id = TypeIDField("ser", primary_key=True)
    title = LineField(max_length=200)
    start_time = models.DateTimeField(help_text="Of the first session.")
    duration = models.PositiveSmallIntegerField(help_text="Minutes.")
    rule = models.CharField(max_length=MAX_LENGTH, help_text="RRULE of RFC 5545.")
    time_zone = models.CharField(max_length=MAX_ZONE_LENGTH, help_text="In whose local time the rule repeats.")
    klass = models.ForeignKey(
        Class,
        on_delete=models.PROTECT,
        db_column="class_id",
        related_name="series",
        null=True,
        db_index=False,
        verbose_name="class",
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="series", db_index=False)
    created_at = IdDateTimeField()
    my_role: str | None = None  # set by `with_role_of`
    my_status: str | None = None
    shown_sessions: Iterable[LiveSession] = ()  # set by the view that shows them

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "series"
        indexes = [
            models.Index(fields=["created_by", "id"], name="series_of_a_creator"),
            models.Index(fields=["klass", "id"], name="series_of_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (from {self.start_time.astimezone(self.zone):%Y-%m-%d})"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


MOST_NAMED = 10  # days that a message lists
