"""Example of an event for the API reference."""

from drf_spectacular.utils import OpenApiExample

APPROVED = {
    "id": "evt_123",
    "type": "membership.approved",
    "created_at": "2026-03-14T09:30:00Z",
    "class_id": "cls_123",
    "session_id": None,
    "user_id": "usr_456",
    "actor": {"user_id": "usr_123", "key_id": None},
    "from_status": "PENDING",
    "changes": {"status": ["PENDING", "APPROVED"]},
    "data": {
        "user_id": "usr_456",
        "class_id": "cls_123",
        "role": "STUDENT",
        "status": "APPROVED",
        "joined_at": "2026-03-14T09:30:00Z",
    },
}
LIST = [OpenApiExample("A student is approved", value=APPROVED, response_only=True)]
