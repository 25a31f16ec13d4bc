from typing import Any

from rest_framework import serializers

from members.serializers import each_once
from sessions.models import Attendance, AttendanceStatus
from sessions.models.attendance import MAX_MARKS
from tutorarc.api.fields import StrictChoiceField
from tutorarc.api.list_fields import TypeIdListField
from tutorarc.api.strict_serializer import StrictSerializer


class AttendanceSerializer(serializers.Serializer[Attendance]):
    """A student's attendance at a live session."""

    sessionId = serializers.CharField(help_text="The id of the session.")  # noqa: N815
    userId = serializers.CharField(help_text="The id of the student.")  # noqa: N815
    status = serializers.ChoiceField(
        choices=AttendanceStatus.choices,
        allow_null=True,
        help_text="null for somebody who has not come and whom nobody marked.",
    )
    arrivedAt = serializers.DateTimeField(  # noqa: N815
        allow_null=True, help_text="When the student, signed in, was first in the lobby and could enter, in UTC."
    )
    lateMinutes = serializers.IntegerField(  # noqa: N815
        allow_null=True, help_text="Whole minutes from the planned start to the arrival, 0 for an earlier one."
    )

    def to_representation(self, attendance: Attendance) -> dict[str, Any]:
        return attendance.as_shown()


class MarkSerializer(StrictSerializer):
    """A status for one student."""

    status = StrictChoiceField(choices=AttendanceStatus.choices, help_text="What the student is marked as.")


class MarksSerializer(MarkSerializer):
    """A status for several students."""

    userIds = TypeIdListField(  # noqa: N815
        "usr", source="user_ids", min_length=1, max_length=MAX_MARKS, help_text="The ids of the students, each once."
    )

    def validate_userIds(self, user_ids: list[str]) -> list[str]:  # noqa: N802
        return each_once(user_ids)
