from typing import Any

from rest_framework import serializers

from classes.serializers import NewClassSerializer
from sessions import links
from sessions.admission import Reason, Status
from sessions.models import MAX_CANCEL_MESSAGE, LiveSession
from sessions.permissions import may_change
from sessions.querysets import MAX_DURATION_MINUTES
from sessions.series_fields import TIME_ZONE, RecurrenceField, ScopeField, refuse_zone, with_starts
from tutorarc.api.fields import (
    ExternalIdField,
    HttpsAddressField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictProseField,
    TimeZoneField,
    TypeIdField,
    UtcDateTimeField,
)
from tutorarc.api.strict_serializer import StrictSerializer

SESSION_ID = "The id of the session."
TITLE = "What the session is about. Teacher and students see it."
START_TIME = "When it starts: ISO 8601 with an offset, such as `2026-03-20T10:00:00Z`. It may be in the past."
DURATION = "Length in whole minutes."
STRICT = (
    "Enforce the schedule: students enter only from start to end, teachers from 15 minutes before. "
    "Otherwise both enter until somebody ends the session."
)
TEACHER_ID = "Your own id for the teacher."
TEACHER_LINK = "Opens the board for the teacher."
STUDENT_LINK = "Opens the board for everyone else."
ROOM_URL = (
    "Where it takes place, if not in the room of its class: an `https` address of at most 2,000 characters, without a "
    "user name or password; null without one."
)

CLASS_ID = "The class of the session; null without one."
SIGNED_LINKS = (
    "Add a token to the teacher links of this session, which open it without a sign-in. The server may add one to all."
)
EXTERNAL_ID = "The id of the session in your system, unique among the sessions of its creator; null without one."
CANCEL_MESSAGE = (
    "To those who would have come: the mail about it, the session's page and its lobby show it. Text on several lines."
)


class LinksSerializer(serializers.Serializer[LiveSession]):
    """The links that open the board: one for the teacher, one for everyone else."""

    sessionId = serializers.CharField(source="pk", read_only=True, help_text=SESSION_ID)
    teacherLink = serializers.URLField(source="teacher_link", read_only=True, help_text=TEACHER_LINK)
    studentLink = serializers.URLField(source="student_link", read_only=True, help_text=STUDENT_LINK)

    @staticmethod
    def to_representation(session: LiveSession) -> dict[str, Any]:
        """Written as one dict because every call to create a session uses it. A test compares it with the fields."""
        return {"sessionId": session.pk, "teacherLink": session.teacher_link, "studentLink": session.student_link}


class LiveSessionSerializer(serializers.Serializer[LiveSession]):
    """A live session with all its fields."""

    sessionId = serializers.CharField(source="pk", read_only=True, help_text=SESSION_ID)
    title = serializers.CharField(read_only=True, help_text=TITLE)
    startTime = serializers.DateTimeField(source="start_time", read_only=True, help_text="When it starts, in UTC.")
    duration = serializers.IntegerField(read_only=True, help_text="Length in minutes.")
    strict = serializers.BooleanField(read_only=True, help_text=STRICT)
    teacherId = serializers.CharField(source="teacher_ref", read_only=True, help_text=TEACHER_ID)
    classId = serializers.CharField(source="klass_id", read_only=True, allow_null=True, help_text=CLASS_ID)
    seriesId = serializers.CharField(
        source="series_id", read_only=True, allow_null=True, help_text="The series of the session; null without one."
    )
    externalId = serializers.CharField(source="external_id", read_only=True, allow_null=True, help_text=EXTERNAL_ID)
    status = serializers.ChoiceField(
        choices=Status.choices,
        read_only=True,
        help_text="`SCHEDULED` before the start, `LIVE` from then on, `ENDED` or `CANCELLED`. It follows the clock.",
    )
    studentLink = serializers.URLField(source="student_link", read_only=True, help_text=STUDENT_LINK)
    teacherLink = serializers.SerializerMethodField(
        help_text=f"{TEACHER_LINK} null for callers who may not change the session."
    )
    roomUrl = serializers.SerializerMethodField(
        help_text=f"{ROOM_URL} null also for callers who may not change the session, and for a key without "
        "`sessions:write`."
    )
    createdAt = serializers.DateTimeField(source="created_at", read_only=True, help_text="When it was created, in UTC.")
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True, help_text="Last change, in UTC.")

    def to_representation(self, session: LiveSession) -> dict[str, Any]:
        """Written as one dict, which events have too. A test compares it with the fields."""
        links_of_teacher = {"teacherLink": self.get_teacherLink(session), "roomUrl": self.get_roomUrl(session)}
        return session.as_shown() | links_of_teacher

    def get_teacherLink(self, session: LiveSession) -> str | None:
        request = self.context["request"]
        if not may_change(request.user, session):
            return None
        return session.teacher_link_for(request.user) if self._may_write else links.unsigned_teacher_link(session.pk)

    def get_roomUrl(self, session: LiveSession) -> str | None:
        is_shown = session.room_url and self._may_write and may_change(self.context["request"].user, session)
        return session.room_url if is_shown else None

    @property
    def _may_write(self) -> bool:
        """A key that may only read gets nothing that lets its bearer in: neither the room nor the link's token."""
        key = self.context["request"].auth
        return key is None or key.allows("sessions:write")


class PersonalLinkSerializer(serializers.Serializer[Any]):
    """The link of one person to a live session."""

    sessionId = serializers.CharField(read_only=True, help_text=SESSION_ID)
    userId = serializers.CharField(read_only=True, help_text="Whose link it is: you.")
    personalLink = serializers.URLField(read_only=True, help_text="The student link with a token that names you.")


class SessionChangesSerializer(StrictSerializer):
    """Fields of a session that can be changed; any subset."""

    title = StrictCharField(required=False, max_length=200, help_text=TITLE)
    startTime = UtcDateTimeField(required=False, source="start_time", help_text=START_TIME)
    duration = StrictIntegerField(
        unit="minutes", required=False, min_value=1, max_value=MAX_DURATION_MINUTES, help_text=DURATION
    )
    strict = StrictBooleanField(required=False, help_text=STRICT)
    roomUrl = HttpsAddressField(required=False, source="room_url", help_text=ROOM_URL)
    scope = ScopeField()


class CancelSerializer(StrictSerializer):
    """What is told to those who would have come."""

    message = StrictProseField(
        required=False, default="", allow_blank=True, max_length=MAX_CANCEL_MESSAGE, help_text=CANCEL_MESSAGE
    )
    scope = ScopeField()


class NewSessionSerializer(StrictSerializer):
    """A new live session."""

    title = StrictCharField(max_length=200, help_text=TITLE)
    startTime = UtcDateTimeField(source="start_time", help_text=START_TIME)
    duration = StrictIntegerField(unit="minutes", min_value=1, max_value=MAX_DURATION_MINUTES, help_text=DURATION)
    strict = StrictBooleanField(required=False, default=False, help_text=STRICT)
    teacherId = StrictCharField(source="teacher_ref", max_length=128, trim_whitespace=False, help_text=TEACHER_ID)
    classId = TypeIdField(
        "cls", required=False, source="class_id", help_text="A class that you teach: its members can see the session."
    )
    roomUrl = HttpsAddressField(required=False, source="room_url", help_text=ROOM_URL)
    externalId = ExternalIdField(required=False, source="external_id", help_text=EXTERNAL_ID)
    signedLinks = StrictBooleanField(required=False, default=False, source="signed_links", help_text=SIGNED_LINKS)

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Refuse wrong times, such as an end after the year 9999, before the class in the body is looked up."""
        LiveSession.end_of(fields["start_time"], fields["duration"])
        return fields


class NewSessionOrSeriesSerializer(NewSessionSerializer):
    """A new live session; with `recurrence` several."""

    recurrence = RecurrenceField(required=False, source="rule")
    timeZone = TimeZoneField(required=False, source="time_zone", help_text=TIME_ZONE)

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "rule" in fields:
            return with_starts(fields, self.context["request"].user)
        refuse_zone(fields)
        return super().validate(fields)


class NewClassOrSessionSerializer(NewClassSerializer):
    """A new class, in the call that creates live sessions too."""

    similar_names = tuple(NewSessionSerializer().fields)


class AdmissionSerializer(serializers.Serializer[Any]):
    """Whether entry is open, from when to when, and why not."""

    admitted = serializers.BooleanField(read_only=True, help_text="Whether they may enter.")
    reason = serializers.ChoiceField(
        choices=Reason.values,
        read_only=True,
        help_text="Why: `open` if they may enter, else what prevents it.",
    )
    opensAt = serializers.DateTimeField(read_only=True, help_text="When entry opens for this role, in UTC.")
    closesAt = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="When entry closes, in UTC; null if only a person can end the session.",
    )
    title = serializers.CharField(read_only=True, help_text="The title of the session.")
    userId = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="Only with a `token`: whose link it is; null if the link no longer works.",
    )
