from typing import Any

from rest_framework import serializers

from sessions.admission import Reason, Status
from sessions.models import MAX_DURATION_MINUTES, LiveSession, end_of
from sessions.permissions import may_change
from tutorarc.api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    TypeIdField,
    UtcDateTimeField,
)


class LinksSerializer(serializers.Serializer[LiveSession]):
    """The links that open the board: one for the teacher, one for everyone else."""

    sessionId = serializers.CharField(source="pk", read_only=True)
    teacherLink = serializers.URLField(source="teacher_link", read_only=True)
    studentLink = serializers.URLField(source="student_link", read_only=True)

    @staticmethod
    def to_representation(session: LiveSession) -> dict[str, Any]:
        """Written as one dict because every call to create a session uses it. A test compares it with the fields."""
        return {"sessionId": session.pk, "teacherLink": session.teacher_link, "studentLink": session.student_link}


class LiveSessionSerializer(serializers.Serializer[LiveSession]):
    """A live session with all its fields."""

    sessionId = serializers.CharField(source="pk", read_only=True)
    title = serializers.CharField(read_only=True)
    startTime = serializers.DateTimeField(source="start_time", read_only=True)
    duration = serializers.IntegerField(read_only=True, help_text="Minutes.")
    strict = serializers.BooleanField(read_only=True)
    teacherId = serializers.CharField(source="teacher_ref", read_only=True)
    classId = serializers.CharField(source="klass_id", read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    studentLink = serializers.URLField(source="student_link", read_only=True)
    teacherLink = serializers.SerializerMethodField(help_text="null for those who may not change the session.")
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True)

    def get_teacherLink(self, session: LiveSession) -> str | None:
        return session.teacher_link if may_change(self.context["request"].user, session) else None


class SessionChangesSerializer(StrictSerializer):
    """Fields of a session that can be changed; any subset."""

    title = StrictCharField(required=False, max_length=200)
    startTime = UtcDateTimeField(required=False, source="start_time", help_text="ISO 8601 with an offset.")
    duration = StrictIntegerField(
        required=False, min_value=1, max_value=MAX_DURATION_MINUTES, help_text="Whole minutes."
    )
    strict = StrictBooleanField(required=False, help_text="Enforce the schedule: entry only between start and end.")


class NewSessionSerializer(StrictSerializer):
    """A new live session."""

    title = StrictCharField(max_length=200)
    startTime = UtcDateTimeField(source="start_time", help_text="ISO 8601 with an offset.")
    duration = StrictIntegerField(min_value=1, max_value=MAX_DURATION_MINUTES, help_text="Whole minutes.")
    strict = StrictBooleanField(
        required=False, default=False, help_text="Enforce the schedule: entry only between start and end."
    )
    teacherId = StrictCharField(
        source="teacher_ref", max_length=128, trim_whitespace=False, help_text="Your own id for the teacher."
    )
    classId = TypeIdField("cls", required=False, source="class_id", help_text="A class of which you are a teacher.")

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Refuse an end after the year 9999 here, before the class in the body is looked up."""
        end_of(fields["start_time"], fields["duration"])
        return fields


class AdmissionSerializer(serializers.Serializer[Any]):
    """Whether entry is open, from when to when, and why not."""

    admitted = serializers.BooleanField(read_only=True)
    reason = serializers.ChoiceField(choices=Reason.choices, read_only=True)
    opensAt = serializers.DateTimeField(read_only=True)
    closesAt = serializers.DateTimeField(read_only=True, allow_null=True)
    title = serializers.CharField(read_only=True)
