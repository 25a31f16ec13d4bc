"""Live sessions (docs/contract.md, "Live sessions"), and the methods through which all changes to them are made."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from sessions.admission import Status
from sessions.clock_events import next_clock_event, told_status
from sessions.indexes import INDEXES
from sessions.models.scheduled_session import ScheduledSession
from sessions.querysets import LiveSessionQuerySet
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.events import SYSTEM, Actor, EventSource, change, record
from tutorarc.domain.text_fields import cleaned

MOVING = frozenset({"start_time", "duration"})  # fields whose change moves a session
SHOWN_IN_CALENDARS = frozenset({"title", "start_time", "end_time", "ended_at", "cancelled_at"})


class LiveSession(ScheduledSession):
    """A live session: constraints, indexes and verbs. `ScheduledSession` has its fields."""

    class Begun(Conflict):
        reason = "session_begun"
        message = "The session has started. It can be ended, but no longer cancelled."

    class Over(Conflict):
        reason = "session_over"
        message = "Somebody ended the session, so it can't be changed any more."

    class Cancelled(Conflict):
        reason = "session_cancelled"
        message = "The session is cancelled and can't be changed."

    class TooLate(Invalid):
        reason = "ends_too_late"
        message = "The session must end before the year 10000."

    objects = LiveSessionQuerySet.as_manager()
    event_source = EventSource(
        kind="session",
        types={
            "schedule": "scheduled",
            "reschedule": "rescheduled",
            "cancel": "cancelled",
            "start": "started",
            "end": "ended",
            "renew_links": "links_renewed",
            "transfer": "transferred",
        },
        fields={
            "title": "title",
            "startTime": "start_time",
            "duration": "duration",
            "strict": "strict",
            "teacherId": "teacher_ref",
            "roomUrl": "room_url",
            "externalId": "external_id",
            "message": "cancel_message",
        },
        secrets=frozenset({"roomUrl"}),
        class_id="klass_id",
        session_id="pk",
        type_of=lambda verb, changes: "rescheduled" if verb == "transfer" and "teacherId" in changes else None,
    )

    class Meta:
        ordering = ["-id"]
        permissions = [("view_historicallivesession", "Can view the history")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "created_by"],
                name="session_external_id_is_unique",
                condition=Q(external_id__isnull=False),
            ),
            models.CheckConstraint(name="session_title_is_not_empty", condition=~Q(title="")),
            models.CheckConstraint(
                name="session_lasts_1_to_1440_minutes", condition=Q(duration__gte=1, duration__lte=1440)
            ),
            models.CheckConstraint(
                name="session_is_not_ended_and_cancelled", condition=Q(ended_at=None) | Q(cancelled_at=None)
            ),
        ]
        indexes = INDEXES

    def __str__(self) -> str:
        return f"{self.title} ({timezone.localtime(self.start_time):%Y-%m-%d %H:%M %Z})"

    def write(self, **values: Any) -> Self:
        return super().write(**values, **self.sequence_after(values))

    def sequence_after(self, changes: Iterable[str]) -> dict[str, Any]:
        """The sequence after a change of these fields: it rises if calendars must take it over."""
        is_shown = not SHOWN_IN_CALENDARS.isdisjoint(changes)
        return {"calendar_sequence": self.calendar_sequence + 1} if is_shown else {}

    @classmethod
    def end_of(cls, start: datetime, minutes: int) -> datetime:
        """Raises LiveSession.TooLate for an end after the year 9999, and for a start before the year 1, in UTC."""
        try:
            return start.astimezone(UTC) + timedelta(minutes=minutes)
        except OverflowError:
            raise cls.TooLate(details=[Detail("startTime", "too_late", cls.TooLate.message)]) from None

    @transaction.atomic
    def reschedule(self, by: Actor, **changes: Any) -> "LiveSession":
        """Change title, start_time, duration, strict or room_url. Raises Class.Archived, Over, Cancelled, TooLate.

        One of a series that gets another time counts as moved by hand from then on.
        """
        session = LiveSession.objects.lock(self.pk)
        if not session.can_be_moved:
            raise REFUSALS[session.status]()
        changes = cleaned(LiveSession, changes)
        changed = {name: value for name, value in changes.items() if getattr(session, name) != value}
        if not changed:
            return session
        changed["end_time"] = self.end_of(
            changed.get("start_time", session.start_time), changed.get("duration", session.duration)
        )
        times = {name: changed.get(name, value) for name, value in session.times.items()}
        following = next_clock_event(told_status(session), timezone.now(), **times)
        if session.series_id and not MOVING.isdisjoint(changed):
            changed["is_moved_by_hand"] = True
        return _change(session, by, "reschedule", **changed, next_clock_event_at=following)

    @transaction.atomic
    def cancel(self, by: Actor, message: str = "") -> "LiveSession":
        """Cancel it, with a message to those who would have come. A session that is cancelled stays unchanged.

        Raises Class.Archived, Over and Begun.
        """
        message = cleaned(LiveSession, {"cancel_message": message})["cancel_message"]
        session = LiveSession.objects.lock(self.pk)
        if session.status == Status.CANCELLED:
            return session
        if session.status == Status.ENDED:
            raise LiveSession.Over("The session is over, so it can't be cancelled any more.")
        _require(session, Status.SCHEDULED)
        stopped = {"cancelled_at": timezone.now(), "next_clock_event_at": None}
        return _change(session, by, "cancel", **stopped, cancel_message=message)

    @transaction.atomic
    def end(self, by: Actor) -> "LiveSession":
        """End a session now. A session that is already over stays unchanged. Raises Class.Archived, Cancelled."""
        session = LiveSession.objects.lock(self.pk)
        if session.status == Status.ENDED:
            return session
        _require(session, Status.SCHEDULED, Status.LIVE)
        if session.status == Status.LIVE and told_status(session) == Status.SCHEDULED:  # the worker was not here yet
            record([session], SYSTEM, verb="start", from_status=Status.SCHEDULED)
        return _change(session, by, "end", ended_at=timezone.now(), next_clock_event_at=None)

    @transaction.atomic
    def renew_links(self, by: Actor) -> "LiveSession":
        """End every token in the links handed out so far. Raises Class.Archived."""
        session = LiveSession.objects.lock(self.pk)
        return _change(session, by, "renew_links", link_version=session.link_version + 1)


REFUSALS: dict[Status, type[Conflict]] = {
    Status.LIVE: LiveSession.Begun,
    Status.ENDED: LiveSession.Over,
    Status.CANCELLED: LiveSession.Cancelled,
}


def _require(session: LiveSession, *allowed: Status) -> None:
    if (status := session.status) not in allowed:
        raise REFUSALS[status]()


def _change(session: LiveSession, by: Actor, verb: str, **values: Any) -> LiveSession:
    return change(session, by, verb=verb, from_status=session.status, updated_at=timezone.now(), **values)
