"""Examples for the API reference, taken from the published API."""

from drf_spectacular.utils import OpenApiExample

CLASS = {
    "id": "cls_123",
    "title": "Algorithms 101",
    "description": "Intro algorithms course",
    "class_code": "ALGO-7P4X",
    "status": "ACTIVE",
    "is_archived": False,
    "created_at": "2026-03-14T09:30:00Z",
    "updated_at": "2026-03-14T09:30:00Z",
}
ARCHIVED = {**CLASS, "status": "ARCHIVED", "is_archived": True}
NEW_CLASS = {"title": "Algorithms 101", "description": "An introduction to algorithms and data structures."}

ONE = [OpenApiExample("A class", value=CLASS, response_only=True)]
CREATE = [
    OpenApiExample("A class", value=NEW_CLASS, request_only=True),
    OpenApiExample("A class", value=CLASS, response_only=True, status_codes=["201"]),
]
UPDATE = [OpenApiExample("A new title", value={"title": "Algorithms 101"}, request_only=True), *ONE]
ARCHIVE = [OpenApiExample("An archived class", value=ARCHIVED, response_only=True)]

ROOM = "https://meet.example.com/algorithms-101"
SETTINGS = [
    OpenApiExample(
        "Settings",
        value={
            "capacity": 20,
            "code_mode": "APPROVAL",
            "code_expires_at": "2026-04-30T22:00:00Z",
            "external_id": "sis-algo-101",
            "room_url": ROOM,
            "time_zone": "Europe/Berlin",
            "seats_taken": 12,
            "waiting": 3,
        },
        response_only=True,
    )
]
CHANGE_SETTINGS = [OpenApiExample("A room", value={"room_url": ROOM}, request_only=True), *SETTINGS]
