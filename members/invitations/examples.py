"""Examples for the API reference."""

from drf_spectacular.utils import OpenApiExample

INVITATION = {
    "id": "inv_123",
    "email": "amy@example.org",
    "role": "STUDENT",
    "status": "PENDING",
    "expires_at": "2026-03-28T09:30:00Z",
}
NEW = {"emails": ["amy@example.org"], "role": "STUDENT", "message": "See you on Tuesday."}

LIST = [OpenApiExample("An invitation", value=INVITATION, response_only=True)]
CREATE = [
    OpenApiExample("A student", value=NEW, request_only=True),
    OpenApiExample("Invited", value=[INVITATION], response_only=True, status_codes=["201"]),
]
ONE = [OpenApiExample("Invited", value=INVITATION, response_only=True)]
REVOKED = [OpenApiExample("Revoked", value={**INVITATION, "status": "REVOKED"}, response_only=True)]
