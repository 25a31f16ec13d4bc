from typing import Any

from rest_framework import serializers

from classes.class_fields import MAX_CAPACITY
from classes.models import Class
from classes.seats import seats_of
from tutorarc.api.fields import (
    ExternalIdField,
    HttpsAddressField,
    StrictCharField,
    StrictChoiceField,
    StrictIntegerField,
    StrictProseField,
    TimeZoneField,
    UtcDateTimeField,
)
from tutorarc.api.strict_serializer import StrictSerializer

TITLE = "The name that students know."
DESCRIPTION = "What the class is about."
ROOM_URL = (
    "Where its sessions take place, such as a Zoom or Meet link: an `https` address of at most 2,000 characters, "
    "without a user name or password; null without one."
)

TIME_ZONE = (
    "The IANA name of the time zone of its series, such as `Europe/Berlin`; null for that of the person who creates a "
    "series."
)
CAPACITY = "How many students can be in the class, 1 to 100,000; null for any number."
CODE_MODE = (
    "What happens when somebody asks to join with the class code. With `APPROVAL` a teacher answers; with `OPEN` they "
    "are approved if there is a free seat, and wait for one otherwise; with `CLOSED` they are refused."
)
CODE_EXPIRES_AT = "Until when the class code can be used: ISO 8601 with an offset; null if it does not expire."
EXTERNAL_ID = "The id of the class in your system, unique among the classes of its creator; null without one."


class ClassSerializer(serializers.ModelSerializer[Class]):
    """A class, with the code that students ask to join with."""

    id = serializers.CharField(read_only=True, help_text="The id of the class.")
    class_code = serializers.CharField(
        read_only=True,
        source="shown_code",
        max_length=13,
        help_text="What students enter to request to join, such as `ALGO-7P4X`. Empty for somebody "
        "who is no member, such as a creator who was removed.",
    )
    is_archived = serializers.BooleanField(read_only=True, help_text="Whether `status` is `ARCHIVED`.")

    class Meta:
        model = Class
        fields = [
            "id",
            "title",
            "description",
            "class_code",
            "status",
            "is_archived",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "title": {"help_text": TITLE},
            "description": {"help_text": DESCRIPTION},
            "status": {"help_text": "`ACTIVE`, or `ARCHIVED`: then it can be read but not changed."},
            "created_at": {"help_text": "When it was created, in UTC."},
            "updated_at": {"help_text": "When it was last changed, in UTC."},
        }

    @staticmethod
    def to_representation(klass: Class) -> dict[str, Any]:
        """Written as one dict: field by field takes three times as long. A test compares the two."""
        return klass.as_shown()


class NewClassSerializer(StrictSerializer):
    """Create a class."""

    title = StrictCharField(max_length=200, help_text=f"{TITLE} Spaces around it are removed.")
    description = StrictProseField(
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        max_length=10_000,
        help_text=DESCRIPTION,
    )


class ClassChangesSerializer(StrictSerializer):
    """Fields of a class that can be changed; any subset."""

    title = StrictCharField(required=False, max_length=200, help_text=f"{TITLE} Spaces around it are removed.")
    description = StrictProseField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=10_000,
        help_text=DESCRIPTION,
    )


class ClassSettingsSerializer(serializers.Serializer[Class]):
    """The settings of a class, and how many of its seats are taken."""

    capacity = serializers.IntegerField(read_only=True, allow_null=True, help_text=CAPACITY)
    code_mode = serializers.ChoiceField(choices=Class.CodeMode.values, read_only=True, help_text=CODE_MODE)
    code_expires_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text=CODE_EXPIRES_AT)
    external_id = serializers.CharField(read_only=True, allow_null=True, help_text=EXTERNAL_ID)
    room_url = serializers.URLField(
        read_only=True, allow_null=True, help_text=f"{ROOM_URL} null also for a key without `classes:write`."
    )

    time_zone = serializers.CharField(read_only=True, allow_null=True, help_text=TIME_ZONE)
    seats_taken = serializers.IntegerField(read_only=True, help_text="Number of APPROVED students.")
    waiting = serializers.IntegerField(read_only=True, help_text="Number of PENDING memberships.")

    def to_representation(self, klass: Class) -> dict[str, Any]:
        key = self.context["request"].auth
        may_enter = key is None or key.allows("classes:write")
        seats = seats_of(klass)
        return {
            "capacity": klass.capacity,
            "code_mode": klass.code_mode,
            "code_expires_at": klass.code_expires_at,
            "external_id": klass.external_id,
            "room_url": klass.room_url if may_enter else None,
            "time_zone": klass.time_zone,
            "seats_taken": seats.taken,
            "waiting": seats.waiting,
        }


class ClassSettingsChangesSerializer(StrictSerializer):
    """Settings that can be changed; any subset."""

    capacity = StrictIntegerField(
        unit="seats", min_value=1, max_value=MAX_CAPACITY, required=False, allow_null=True, help_text=CAPACITY
    )
    code_mode = StrictChoiceField(choices=Class.CodeMode.values, required=False, help_text=CODE_MODE)
    code_expires_at = UtcDateTimeField(required=False, allow_null=True, help_text=CODE_EXPIRES_AT)
    external_id = ExternalIdField(required=False, help_text=EXTERNAL_ID)
    room_url = HttpsAddressField(required=False, help_text=ROOM_URL)
    time_zone = TimeZoneField(required=False, allow_null=True, help_text=TIME_ZONE)
