from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tutorarc.models import Event

CHANGES = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
}


@extend_schema_field(CHANGES)
class ChangesField(serializers.JSONField):
    pass


@extend_schema_field({"type": "object", "additionalProperties": {}})
class DataField(serializers.JSONField):
    pass


class EventActorSerializer(serializers.Serializer[Event]):
    """Who made a change."""

    user_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="Whose change it was; null for the server's own."
    )
    key_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="The API key that was used; null for a signed-in user."
    )


class EventSerializer(serializers.Serializer[Event]):
    """One change of a class, a membership, a live session or a user."""

    id = serializers.CharField(read_only=True, help_text="The id of the event.")
    type = serializers.CharField(read_only=True, help_text="What happened; more types may be added.")
    created_at = serializers.DateTimeField(read_only=True, help_text="When it happened, in UTC.")
    class_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="The class that it happened in; null outside a class."
    )
    session_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="The live session that changed; null for other changes."
    )
    user_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="The person whose membership or account changed; null otherwise."
    )
    actor = EventActorSerializer(read_only=True, help_text="Who made the change, and with which API key.")
    from_status = serializers.CharField(
        read_only=True, allow_null=True, help_text="The status before; null for something new."
    )
    changes = ChangesField(read_only=True, help_text="Each changed field with its old and its new value.")
    data = DataField(  # type: ignore[assignment]
        read_only=True,
        help_text="The object after the change, as the other calls show it: a class, a membership, a live session, a "
        "user.",
    )
