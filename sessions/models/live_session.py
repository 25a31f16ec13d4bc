"""Live sessions (docs/contract.md, "Live sessions"), and the methods through which all changes to them are made."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from classes.models import Class
from sessions import links
from sessions.admission import Status, status_at
from sessions.clock_events import next_clock_event, told_status
from sessions.querysets import MAX_DURATION_MINUTES, LiveSessionQuerySet
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.events import SYSTEM, Actor, EventSource, change, record
from tutorarc.domain.folded_fields import FoldedField
from tutorarc.domain.text_fields import ExternalIdField, HttpsAddressField, LineField, ProseField, cleaned
from tutorarc.domain.web_addresses import MAX_LENGTH as MAX_URL_LENGTH
from tutorarc.models import User

MAX_CANCEL_MESSAGE = 500
MOVING = frozenset({"start_time", "duration"})  # fields whose change moves a session
SHOWN_IN_CALENDARS = frozenset({"title", "start_time", "end_time", "ended_at", "cancelled_at"})


class LiveSession(ChangedByVerbs):
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

    id = TypeIDField("session", primary_key=True)
    title = LineField(max_length=200)
    folded_title = FoldedField("title")
    start_time = models.DateTimeField()
    duration = models.PositiveSmallIntegerField(
        help_text="Minutes.", validators=[MinValueValidator(1), MaxValueValidator(MAX_DURATION_MINUTES)]
    )
    end_time = models.DateTimeField(editable=False)
    strict = models.BooleanField(default=False, help_text="Enforce the schedule: entry only between start and end.")
    teacher_ref = LineField("teacher id", max_length=128, help_text="The integrator's own id for the teacher.")
    room_url = HttpsAddressField(
        "room link",
        max_length=MAX_URL_LENGTH,
        null=True,
        blank=True,
        help_text="Where it takes place, if not in the room of its class: an address that starts with https://.",
    )
    series = models.ForeignKey(
        "live_sessions.Series",
        on_delete=models.PROTECT,
        related_name="sessions",
        null=True,
        db_index=False,
        editable=False,
    )
    is_moved_by_hand = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Moved on its own: changes to its series leave it out.",
    )
    external_id = ExternalIdField(editable=False, help_text="Its id in the integrator's system.")
    klass = models.ForeignKey(
        Class,
        on_delete=models.PROTECT,
        db_column="class_id",
        related_name="live_sessions",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="class",
    )
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="live_sessions", db_index=False, editable=False
    )
    ended_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancel_message = ProseField(
        "message to the students",
        max_length=MAX_CANCEL_MESSAGE,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Why it was cancelled, for everyone who would have come.",
    )
    next_clock_event_at = models.DateTimeField(null=True, editable=False)  # see sessions/clock_events.py
    link_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # SEQUENCE of RFC 5545
    created_at = IdDateTimeField()
    updated_at = IdDateTimeField()
    my_role: str | None = None  # set by `with_role_of`
    my_status: str | None = None

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
        indexes = [
            models.Index(fields=["created_by", "id"], name="sessions_of_a_creator"),
            models.Index(fields=["created_by", "start_time", "id"], name="sessions_of_creator_by_start"),
            models.Index(fields=["klass", "id"], name="sessions_of_a_class"),
            models.Index(fields=["klass", "start_time", "id"], name="sessions_of_class_by_start"),
            models.Index(fields=["start_time"], name="sessions_by_start"),
            models.Index(
                fields=["next_clock_event_at"],
                name="sessions_by_clock_event",
                condition=Q(next_clock_event_at__isnull=False),
            ),
            models.Index(
                fields=["series", "start_time", "id"], name="sessions_of_a_series", condition=Q(series__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({timezone.localtime(self.start_time):%Y-%m-%d %H:%M %Z})"

    def write(self, **values: Any) -> Self:
        return super().write(**values, **self.sequence_after(values))

    def sequence_after(self, changes: Iterable[str]) -> dict[str, Any]:
        """The sequence after a change of these fields: it rises if calendars must take it over."""
        is_shown = not SHOWN_IN_CALENDARS.isdisjoint(changes)
        return {"calendar_sequence": self.calendar_sequence + 1} if is_shown else {}

    def as_shown(self) -> dict[str, Any]:
        """The session as the API shows it, with the teacher's link without a token, and without the room's address."""
        return {
            "sessionId": self.pk,
            "title": self.title,
            "startTime": self.start_time,
            "duration": self.duration,
            "strict": self.strict,
            "teacherId": self.teacher_ref,
            "classId": self.klass_id,
            "seriesId": self.series_id,
            "externalId": self.external_id,
            "status": self.status,
            "studentLink": self.student_link,
            "teacherLink": links.unsigned_teacher_link(self.pk),
            "roomUrl": None,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }

    def as_shown_at(self, moment: datetime) -> dict[str, Any]:
        """As the API showed it then: with the status of that moment."""
        return self.as_shown() | {"status": status_at(self, moment)}

    @property
    def status(self) -> Status:
        return status_at(self, timezone.now())

    @property
    def times(self) -> dict[str, Any]:
        """What decides when the clock starts and ends it."""
        return {"start_time": self.start_time, "end_time": self.end_time, "strict": self.strict}

    @property
    def is_class_archived(self) -> bool:
        return self.klass is not None and self.klass.is_archived

    @property
    def teacher_link(self) -> str:
        """The link for its creator; `teacher_link_for` makes those of others."""
        return links.teacher_link(self.pk, self.link_version)

    def teacher_link_for(self, user: User) -> str:
        return links.teacher_link(self.pk, self.link_version, "" if user.pk == self.created_by_id else user.pk)

    @property
    def closed_at(self) -> datetime | None:
        """When it was ended or cancelled, or was or will be ended by the clock; None if only a person can end it."""
        return self.ended_at or self.cancelled_at or (self.end_time if self.strict else None)

    @property
    def student_link(self) -> str:
        return links.student_link(self.pk)

    @property
    def room(self) -> str | None:
        """Address of the room where it takes place: its own, else that of its class."""
        return self.room_url or (self.klass.room_url if self.klass else None)

    @property
    def can_be_moved(self) -> bool:
        """Whether nobody ended or cancelled the session. One that only the clock ended can be moved."""
        return self.ended_at is None and self.cancelled_at is None

    @classmethod
    def end_of(cls, start: datetime, minutes: int) -> datetime:
        """Raises LiveSession.TooLate for an end after the year 9999."""
        try:
            return start + timedelta(minutes=minutes)
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
