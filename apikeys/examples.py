"""Examples for the API reference, and the type of the sample call on the developer page."""

from collections.abc import Callable
from typing import NamedTuple

from drf_spectacular.utils import OpenApiExample


class SampleCall(NamedTuple):
    """A POST to try a new key with: the required scope, the name of the URL pattern, and the body."""

    scope: str
    route: str
    body: Callable[[], dict[str, object]]


KEY = {
    "id": "key_123",
    "name": "Timetable sync",
    "hint": "ta_live_k3uz…9f0c",
    "scopes": ["sessions:read", "sessions:write"],
    "created_at": "2026-03-14T09:30:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
REFUSED_CALL = {
    "id": "refusal_123",
    "created_at": "2026-03-14T09:30:00Z",
    "method": "POST",
    "path": "/api/v1/classes",
    "route": "/api/v1/classes",
    "status": 400,
    "reason": "unknown_field",
    "message": "titel: there is no such field here. Did you mean title?",
    "fields": [{"field": "titel", "code": "unknown_field"}],
    "request_id": "req_01a201a76221756384416fc05724492f",
}
ISSUED = {**KEY, "key": "ta_live_your_new_key_shown_once"}

_NEW_KEY = OpenApiExample("The new key", value=ISSUED, response_only=True, status_codes=["201"])

LIST = [OpenApiExample("A key", value=KEY, response_only=True)]
REFUSED_CALLS = [OpenApiExample("A refused call", value=REFUSED_CALL, response_only=True)]
CREATE = [
    OpenApiExample(
        "A key for live sessions",
        value={"name": "Timetable sync", "scopes": ["sessions:read", "sessions:write"]},
        request_only=True,
    ),
    _NEW_KEY,
]
ROTATE = [OpenApiExample("A day of overlap", value={"overlap_hours": 24}, request_only=True), _NEW_KEY]
