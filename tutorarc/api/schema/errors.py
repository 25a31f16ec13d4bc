"""Errors in the OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from tutorarc.api.schema.possible_errors import OF_EVERY_POST, Reason, reason_of
from tutorarc.domain.errors import Detail
from tutorarc.http.error_format import envelope
from tutorarc.http.error_reasons import DEFAULT_REASONS, STATUSES, ErrorReason

CONFLICT = "The present state forbids this."
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

DETAIL: dict[str, Any] = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {
        "field": {"type": "string", "description": "The field or query parameter; a path such as `user_ids[1]`."},
        "code": {"type": "string", "description": "What is wrong with it, for programs; more may be added."},
        "message": {"type": "string", "description": "What is wrong with it, for people."},
        "id": {"type": "string", "description": "The object that is in the way, where programs can go on with it."},
    },
}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error has this one shape.",
    "required": ["status", "error"],
    "properties": {
        "status": {"type": "string", "const": "error", "description": "Always `error`."},
        "error": {
            "type": "object",
            "description": "What went wrong.",
            "required": ["code", "reason", "message", "request_id", "details"],
            "properties": {
                "code": {
                    "type": "string",
                    "enum": list(STATUSES),
                    "description": "The kind of error; each code belongs to one HTTP status.",
                },
                "reason": {
                    "type": "string",
                    "description": "The cause, for programs. It never changes; more may be added.",
                },
                "message": {
                    "type": "string",
                    "description": "One sentence for people. It may change: compare `reason` instead.",
                },
                "request_id": {
                    "type": "string",
                    "description": "Quote it when you ask for help. It is also the header `X-Request-ID`.",
                },
                "details": {
                    "type": "array",
                    "items": DETAIL,
                    "description": (
                        "Each field that is wrong; empty if the error concerns no single field. "
                        "After 20 comes one more, with the code `more`, that counts the rest."
                    ),
                },
            },
        },
    },
}


EXAMPLE_ID = "req_7f3c"


def error_answer(shape: dict[str, Any], headers: dict[str, Any], reasons: Sequence[Reason]) -> dict[str, Any]:
    """An error response: one status, with an example for each reason."""
    status = reasons[0].status
    examples = {reason.slug: {"value": _example(reason)} for reason in reasons}
    return {
        "description": DEFAULT_REASONS[status].message if status in DEFAULT_REASONS else CONFLICT,
        "content": {"application/json": {"schema": shape, "examples": examples}},
        "headers": headers | ERROR_HEADERS.get(status, {}),
    }


def shared_reasons(status: int) -> list[Reason]:
    """The reasons of a status for operations without errors of their own."""
    errors = [*ErrorReason, *OF_EVERY_POST]
    return [reason for reason in dict.fromkeys(map(reason_of, errors)) if reason.status == status]


def listed(reasons: Sequence[Reason]) -> str:
    return "\n".join(f"- `{reason.slug}`: {reason.message}" for reason in reasons)


def _example(reason: Reason) -> dict[str, Any]:
    is_of_field = reason.slug == ErrorReason.INVALID_FIELDS
    details = [Detail("title", "blank", "This field may not be blank.")] if is_of_field else []
    message = "title: this field may not be blank." if details else reason.message
    return envelope(reason.code, reason.slug, message, EXAMPLE_ID, details)
