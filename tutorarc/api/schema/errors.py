"""How the OpenAPI document shows errors."""

from typing import Any

from tutorarc.domain.errors import CODES, Detail, envelope

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
            "required": ["code", "message", "request_id", "details"],
            "properties": {
                "code": {
                    "type": "string",
                    "enum": ["VALIDATION_ERROR", *[code for code, _ in CODES.values()]],
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


def error_examples(status: int) -> dict[str, Any]:
    """One example for each code of a status: 400 has two."""
    codes = {}
    if status == 400:
        wrong = Detail("title", "blank", "This field may not be blank.")
        codes["VALIDATION_ERROR"] = envelope(
            400, "req_7f3c", code="VALIDATION_ERROR", message=wrong.message, details=[wrong]
        )
    codes[CODES[status][0]] = envelope(status, "req_7f3c")
    return {code: {"value": value} for code, value in codes.items()}
