"""Errors in the OpenAPI document."""

from typing import Any

from tutorarc.domain.errors import Conflict, Detail
from tutorarc.http.errors import DEFAULT_REASONS, STATUSES, ErrorReason, envelope
from tutorarc.models.idempotent_reply import IdempotentReply

LIMITS = {
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Requests that you have in a minute."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "How many of them are left."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds until the next minute begins."},
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
ERROR_HEADERS = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to say who you are."}},
    **dict.fromkeys((400, 403, 404, 409, 413, 415), LIMITS),
    429: LIMITS | RETRY_AFTER,
    503: RETRY_AFTER,
}

ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error has this one shape.",
    "additionalProperties": False,
    "required": ["status", "error"],
    "properties": {
        "status": {"type": "string", "const": "error"},
        "error": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "reason", "message", "request_id", "details"],
            "properties": {
                "code": {"type": "string", "enum": list(STATUSES)},
                "reason": {
                    "type": "string",
                    "description": "Tells programs one cause from another.",
                },
                "message": {"type": "string", "description": "One sentence for a person."},
                "request_id": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["field", "code", "message"],
                        "properties": {
                            "field": {"type": "string", "description": "A path such as user_ids[1]."},
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        },
    },
}


EXAMPLE_ID = "req_7f3c"
CONFLICTS: list[type[Conflict]] = [IdempotentReply.Mismatch, IdempotentReply.InProgress]  # of every POST


def description_of(status: int) -> str:
    return DEFAULT_REASONS[status].message if status in DEFAULT_REASONS else "The present state forbids this."


def error_examples(status: int) -> dict[str, Any]:
    """Examples of a status, one for each reason."""
    if status == STATUSES["CONFLICT"]:
        return {error.reason: {"value": _conflict(error)} for error in CONFLICTS}
    reasons = [reason for reason in ErrorReason if STATUSES[reason.code] == status]
    return {reason.value: {"value": _example(reason)} for reason in reasons}


def _conflict(error: type[Conflict]) -> dict[str, Any]:
    return envelope("CONFLICT", error.reason, error.message, EXAMPLE_ID)


def _example(reason: ErrorReason) -> dict[str, Any]:
    wrong = [Detail("title", "blank", "This field may not be blank.")] if reason == ErrorReason.INVALID_FIELDS else []
    message = wrong[0].message if wrong else reason.message
    return envelope(reason.code, reason, message, EXAMPLE_ID, wrong)
