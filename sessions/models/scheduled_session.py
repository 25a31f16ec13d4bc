"""The fields of a live session, and the properties that are computed from them: its status, links and room."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from classes.models import Class
from sessions import links
from sessions.admission import Status, status_at
from sessions.querysets import MAX_DURATION_MINUTES
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.folded_fields import FoldedField
from tutorarc.domain.text_fields import ExternalIdField, HttpsAddressField, LineField, ProseField
from tutorarc.domain.web_addresses import MAX_LENGTH as MAX_URL_LENGTH
from tutorarc.models import User

MAX_CANCEL_MESSAGE = 500


class ScheduledSession(ChangedByVerbs):
    """Base of `LiveSession`, which adds constraints, indexes and the verbs."""

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
    signed_links = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Its teacher links have a token."
    )
    link_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # SEQUENCE of RFC 5545
    created_at = IdDateTimeField()
    updated_at = IdDateTimeField()
    my_role: str | None = None  # set by `with_role_of`
    my_status: str | None = None

    class Meta:
        abstract = True

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
        return links.teacher_link(self.pk, self.link_version, is_signed=self.signed_links)

    def teacher_link_for(self, user: User) -> str:
        user_id = "" if user.pk == self.created_by_id else user.pk
        return links.teacher_link(self.pk, self.link_version, user_id, is_signed=self.signed_links)

    def is_teachers_token(self, token: str) -> bool:
        """Whether it is the token of a teacher's link to this session. `links.owner_of` tells whose."""
        return links.is_token_for(self.pk, token, self.link_version, is_signed=self.signed_links)

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
