"""Examples for the API reference."""

from drf_spectacular.utils import OpenApiExample

WEBHOOK = {
    "id": "whk_123",
    "url": "https://school.example/tutorarc",
    "description": "Timetable sync",
    "event_types": ["membership.requested", "membership.approved"],
    "class_id": None,
    "status": "ACTIVE",
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "paused_until": None,
    "former_secret_until": None,
    "created_at": "2026-03-14T09:30:00Z",
}
SECRET = "whsec_your_new_secret_shown_once"  # noqa: S105
DELIVERY = {
    "id": "dlv_123",
    "webhook_id": "whk_123",
    "event_id": "evt_123",
    "event_type": "membership.approved",
    "status": "SUCCEEDED",
    "attempts": 1,
    "last_attempt_at": "2026-03-14T09:30:01Z",
    "next_attempt_at": None,
    "duration_ms": 87,
    "response_status": 204,
    "response_body": "",
    "error": "",
    "created_at": "2026-03-14T09:30:00Z",
}
PENDING = {
    **DELIVERY,
    "status": "PENDING",
    "attempts": 0,
    "last_attempt_at": None,
    "next_attempt_at": "2026-03-14T09:30:00Z",
    "duration_ms": None,
    "response_status": None,
}
TEST = {**PENDING, "event_type": "webhook.test"}
NEW = {name: WEBHOOK[name] for name in ("url", "event_types", "description")}

ONE = [OpenApiExample("A webhook", value=WEBHOOK, response_only=True)]
CREATE = [
    OpenApiExample("Join requests and approvals", value=NEW, request_only=True),
    OpenApiExample("The new webhook", value={**WEBHOOK, "secret": SECRET}, response_only=True, status_codes=["201"]),
]
UPDATE = [OpenApiExample("Enable it again", value={"status": "ACTIVE"}, request_only=True), *ONE]
ROTATE = [
    OpenApiExample("A day of overlap", value={"overlap_hours": 24}, request_only=True),
    OpenApiExample(
        "The new secret",
        value={**WEBHOOK, "former_secret_until": "2026-03-15T09:30:00Z", "secret": SECRET},
        response_only=True,
    ),
]
SEND_TEST = [OpenApiExample("The test event is on its way", value=TEST, response_only=True)]
REPLAY = [
    OpenApiExample("What was missed in a day", value={"since": "2026-03-13T09:30:00Z"}, request_only=True),
    OpenApiExample("Twelve events", value={"deliveries": 12}, response_only=True),
]
DELIVERIES = [OpenApiExample("A delivery", value=DELIVERY, response_only=True)]
RESEND = [OpenApiExample("It is sent again", value=PENDING, response_only=True)]
