from typing import Any

from rest_framework import serializers

from tutorarc.api.fields import StrictCharField, StrictChoiceField, StrictIntegerField, TypeIdField, UtcDateTimeField
from tutorarc.api.list_fields import StrictListField
from tutorarc.api.strict_serializer import StrictSerializer
from tutorarc.feed.filters import no_such_type
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.webhooks.addresses import MAX_URL_LENGTH, validate_url
from tutorarc.webhooks.models import Delivery, Endpoint

MAX_OVERLAP_HOURS = 7 * 24
DEFAULT_OVERLAP_HOURS = 24
URL = "Where events are sent, by POST."
EVENT_TYPES = "Which events are sent; empty for all, also those that are added later."
DESCRIPTION = "What the webhook is for, for people."
CLASS_ID = "Only events of this class are sent; null for all that `GET /events` shows you."


class WebhookSerializer(serializers.ModelSerializer[Endpoint]):
    """An endpoint of yours, to which events are sent."""

    id = serializers.CharField(read_only=True, help_text="The id of the webhook.")
    event_types = serializers.ListField(child=serializers.CharField(), read_only=True, help_text=EVENT_TYPES)
    class_id = serializers.CharField(read_only=True, allow_null=True, help_text=CLASS_ID)
    status = serializers.ChoiceField(
        read_only=True, choices=Endpoint.State.choices, help_text="`ACTIVE`, or `DISABLED`: then nothing is sent."
    )
    disabled_reason = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="Why it is disabled: `OWNER`, `STAFF`, `GONE` (it answered 410), `FAILING` (for 5 days), or "
        "`OWNER_GAINED_RIGHTS` (check the URL); null while it is active.",
    )
    paused_until = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="Until when nothing is sent, in UTC, because its server asked for that by `Retry-After`; else null.",
    )
    former_secret_until = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="Until when requests are signed with the secret before a rotation too, in UTC; null without one.",
    )

    class Meta:
        model = Endpoint
        fields = [
            *("id", "url", "description", "event_types", "class_id", "status", "disabled_reason", "disabled_at"),
            *("failing_since", "paused_until", "former_secret_until", "created_at"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "url": {"help_text": URL},
            "description": {"help_text": DESCRIPTION},
            "disabled_at": {"help_text": "When it was disabled, in UTC; null while it is active."},
            "failing_since": {"help_text": "When its requests began to fail, in UTC; null if the last one succeeded."},
            "created_at": {"help_text": "When it was created, in UTC."},
        }

    @staticmethod
    def to_representation(endpoint: Endpoint) -> dict[str, Any]:
        return {
            "id": endpoint.pk,
            "url": endpoint.url,
            "description": endpoint.description,
            "event_types": endpoint.event_types,
            "class_id": endpoint.class_id,
            "status": endpoint.state,
            "disabled_reason": endpoint.disabled_reason or None,
            "disabled_at": endpoint.disabled_at,
            "failing_since": endpoint.failing_since,
            "paused_until": endpoint.pauses_until,
            "former_secret_until": endpoint.rotates_until,
            "created_at": endpoint.created_at,
        }


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook with its secret, which is shown only once."""

    secret = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="What requests are signed with: `whsec_…`. Shown only once; null in a replayed answer.",
    )

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class WebhookDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event for one webhook, and what came of the last attempt to deliver it."""

    id = serializers.CharField(read_only=True, help_text="The id of the delivery.")
    webhook_id = serializers.CharField(read_only=True, help_text="The id of the webhook.")
    event_id = serializers.CharField(read_only=True, help_text="The id of the event, and the header `webhook-id`.")
    next_attempt_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="When it is tried next, in UTC; null if it isn't, or waits for an earlier event of the same class.",
    )

    class Meta:
        model = Delivery
        fields = [
            *("id", "webhook_id", "event_id", "event_type", "status", "attempts", "last_attempt_at"),
            *("next_attempt_at", "duration_ms", "response_status", "response_body", "error", "created_at"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "event_type": {"help_text": "What happened; `webhook.test` for a test event."},
            "status": {
                "help_text": "`PENDING`, `SUCCEEDED`, `FAILED` (no attempt is left), or `CANCELLED` (the webhook was "
                "disabled, or the event is no longer yours to see)."
            },
            "attempts": {"help_text": "How often it was tried."},
            "last_attempt_at": {"help_text": "When it was last tried, in UTC; null before that."},
            "duration_ms": {"help_text": "How long the last attempt took, in milliseconds; null before it."},
            "response_status": {"help_text": "The status of the last answer; null without one."},
            "response_body": {"help_text": "The first 2 kB of the last answer."},
            "error": {"help_text": "Why the last attempt failed, for people; empty if it didn't."},
            "created_at": {"help_text": "When the delivery was planned, in UTC."},
        }

    @staticmethod
    def to_representation(delivery: Delivery) -> dict[str, Any]:
        return {
            "id": delivery.pk,
            "webhook_id": delivery.endpoint_id,
            "event_id": delivery.event_id,
            "event_type": delivery.event_type,
            "status": delivery.status,
            "attempts": delivery.attempts,
            "last_attempt_at": delivery.last_attempt_at,
            "next_attempt_at": delivery.due_at,
            "duration_ms": delivery.duration_ms,
            "response_status": delivery.response_status,
            "response_body": delivery.response_body,
            "error": delivery.error,
            "created_at": delivery.created_at,
        }


class UrlField(StrictCharField):
    """A URL that webhooks may be sent to."""

    default_validators = [validate_url]

    def to_internal_value(self, data: Any) -> str:
        """A URL that is too long is refused for its length alone."""
        url = super().to_internal_value(data)
        if len(url) > MAX_URL_LENGTH:
            self._refuse_length(url)
        return url


class EventTypeField(StrictChoiceField):
    """The name of an event type. The error suggests a similar one."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and data not in self.choices:
            raise serializers.ValidationError(no_such_type(data), code="invalid_choice")
        return super().to_internal_value(data)


class EventTypesField(StrictListField):
    """Event types, each once."""

    def __init__(self, **options: Any) -> None:
        types = EventTypeField(choices=PUBLIC_TYPES)
        super().__init__(child=types, unit="event types", min_length=0, max_length=len(PUBLIC_TYPES), **options)

    def to_internal_value(self, data: Any) -> list[str]:
        types = super().to_internal_value(data)
        if len(set(types)) != len(types):
            raise serializers.ValidationError("Give each event type once.", code="duplicate")
        return types


class NewWebhookSerializer(StrictSerializer):
    """Where to send which events."""

    url = UrlField(max_length=MAX_URL_LENGTH, help_text=f"{URL} `https://` and a public host.")
    event_types = EventTypesField(required=False, help_text="Which events are sent. By default all.")
    description = StrictCharField(required=False, allow_blank=True, max_length=200, help_text=DESCRIPTION)
    class_id = TypeIdField("cls", required=False, allow_null=True, help_text="A class that you teach. By default none.")


class WebhookChangesSerializer(StrictSerializer):
    """What to change."""

    url = UrlField(required=False, max_length=MAX_URL_LENGTH, help_text=f"{URL} `https://` and a public host.")
    event_types = EventTypesField(required=False, help_text=EVENT_TYPES)
    description = StrictCharField(required=False, allow_blank=True, max_length=200, help_text=DESCRIPTION)
    status = StrictChoiceField(
        source="state",
        required=False,
        choices=Endpoint.State.choices,
        help_text="`DISABLED` also cancels what waits; `ACTIVE` sends events again, from now on.",
    )


class SecretRotationSerializer(StrictSerializer):
    """How long requests are signed with the old secret too."""

    overlap_hours = StrictIntegerField(
        unit="hours",
        required=False,
        default=DEFAULT_OVERLAP_HOURS,
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        help_text="For how many hours requests are signed with the old secret too.",
    )


class ReplaySerializer(StrictSerializer):
    """From when on."""

    since = UtcDateTimeField(help_text="Events from this time on: ISO 8601 with an offset.")


class WebhookReplaySerializer(serializers.Serializer[Any]):
    """What a replay began."""

    deliveries = serializers.IntegerField(read_only=True, help_text="How many events are sent again.")
