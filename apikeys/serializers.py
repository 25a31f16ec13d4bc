from typing import Any

from rest_framework import serializers

from apikeys.models import ApiKey
from apikeys.refused_calls import RefusedCall
from tutorarc.api.fields import StrictCharField, StrictChoiceField, StrictIntegerField, UtcDateTimeField
from tutorarc.api.list_fields import StrictListField
from tutorarc.api.scopes import SCOPES
from tutorarc.api.strict_serializer import StrictSerializer

MAX_OVERLAP_HOURS = 30 * 24
DEFAULT_OVERLAP_HOURS = 24
NAME = "Where the key is used, for people."


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key, shown by its first and last characters."""

    id = serializers.CharField(read_only=True, help_text="The id of the key, which is no secret.")
    scopes = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What the key may do; more scopes may be added."
    )

    class Meta:
        model = ApiKey
        fields = ["id", "name", "hint", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
        read_only_fields = fields
        extra_kwargs = {
            "name": {"help_text": NAME},
            "hint": {"help_text": "The first and last characters of the secret, to recognise it by."},
            "created_at": {"help_text": "When it was created, in UTC."},
            "expires_at": {"help_text": "When it stops working, in UTC; null if it doesn't expire."},
            "revoked_at": {"help_text": "When it was revoked, in UTC; null if it wasn't."},
            "last_used_at": {"help_text": "Last call with it, to the minute and in UTC; null before the first one."},
        }

    def to_representation(self, key: ApiKey) -> dict[str, Any]:
        """Written as one dict, which events have too. A test compares it with the fields."""
        return key.as_shown()


class IssuedKeySerializer(ApiKeySerializer):
    """A new key with its secret, which is shown only once."""

    key = serializers.SerializerMethodField(
        help_text="The secret, to be sent in `X-API-Key`. Shown only once; null in a replayed answer."
    )

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields

    def to_representation(self, key: ApiKey) -> dict[str, Any]:
        return key.as_shown() | {"key": self.context["plaintext"]}

    def get_key(self, _key: ApiKey) -> str | None:
        return self.context["plaintext"]


class WrongFieldSerializer(serializers.Serializer[dict[str, str]]):
    """A field that the error named."""

    field = serializers.CharField(read_only=True, help_text="Its name, or a path such as `user_ids[1]`.")
    code = serializers.CharField(read_only=True, help_text="What is wrong with it.")


class RefusedCallSerializer(serializers.ModelSerializer[RefusedCall]):
    """A call that was answered with an error. Neither its body nor its query is kept."""

    id = serializers.CharField(read_only=True, help_text="The id of this entry.")
    fields = WrongFieldSerializer(  # type: ignore[assignment]
        many=True, read_only=True, help_text="The fields that the error named in `details`, without their values."
    )

    class Meta:
        model = RefusedCall
        fields = [
            *("id", "created_at", "method", "path", "route", "status", "reason", "message", "fields"),
            "request_id",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "created_at": {"help_text": "When it was answered, in UTC."},
            "method": {"help_text": "The HTTP method."},
            "path": {"help_text": "The path, without the query."},
            "route": {"help_text": "The path in the reference; empty if there is no such path."},
            "status": {"help_text": "The HTTP status of the answer."},
            "reason": {"help_text": "The reason of the error."},
            "message": {"help_text": "The message of the error."},
            "request_id": {"help_text": "The `X-Request-ID` of the answer."},
        }


class NewKeySerializer(StrictSerializer):
    """Name, scopes and expiry of a new key."""

    name = StrictCharField(max_length=100, help_text=NAME)
    scopes = StrictListField(
        child=StrictChoiceField(choices=SCOPES),
        unit="scopes",
        required=False,
        min_length=1,
        max_length=len(SCOPES),
        help_text="What the key may do. By default everything.",
    )
    expires_at = UtcDateTimeField(
        required=False, allow_null=True, help_text="When it stops working: ISO 8601 with an offset. By default never."
    )

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        if len(set(scopes)) != len(scopes):
            raise serializers.ValidationError("Give each scope once.", code="duplicate")
        return scopes


class RotationSerializer(StrictSerializer):
    """How long the old secret keeps working beside the new one."""

    overlap_hours = StrictIntegerField(
        unit="hours",
        required=False,
        default=DEFAULT_OVERLAP_HOURS,
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        help_text="For how many hours the old secret keeps working.",
    )


def shown(key: ApiKey, plaintext: str) -> dict[str, Any]:
    return IssuedKeySerializer(key, context={"plaintext": plaintext}).data
