from typing import Any

from rest_framework import serializers

from apikeys.models import ApiKey
from tutorarc.api.fields import StrictCharField, StrictIntegerField, StrictSerializer, UtcDateTimeField
from tutorarc.api.scopes import SCOPES

MAX_OVERLAP_HOURS = 30 * 24
DEFAULT_OVERLAP_HOURS = 24


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key, shown by its first and last characters."""

    id = serializers.CharField(read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiKey
        fields = ["id", "name", "hint", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
        read_only_fields = fields


class IssuedKeySerializer(ApiKeySerializer):
    """A new key with its secret, which is shown only once."""

    key = serializers.SerializerMethodField(help_text="Shown only once; null in a replayed answer.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "key"]
        read_only_fields = fields

    def get_key(self, _key: ApiKey) -> str | None:
        return self.context["plaintext"]


class NewKeySerializer(StrictSerializer):
    """Name, scopes and expiry of a new key."""

    name = StrictCharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), required=False, min_length=1, max_length=len(SCOPES)
    )
    expires_at = UtcDateTimeField(required=False, allow_null=True)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        if len(set(scopes)) != len(scopes):
            raise serializers.ValidationError("Give each scope once.", code="duplicate")
        return scopes


class RotationSerializer(StrictSerializer):
    """How long the old secret keeps working beside the new one."""

    overlap_hours = StrictIntegerField(
        required=False, default=DEFAULT_OVERLAP_HOURS, min_value=0, max_value=MAX_OVERLAP_HOURS
    )


def shown(key: ApiKey, plaintext: str) -> dict[str, Any]:
    return IssuedKeySerializer(key, context={"plaintext": plaintext}).data
