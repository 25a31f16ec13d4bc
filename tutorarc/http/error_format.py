"""Format of every error under /api/ (docs/contract.md, "Errors")."""

from collections.abc import Sequence
from typing import Any

from tutorarc.domain.errors import Detail
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import excerpt

MAX_DETAILS = 20
OMITTED = "omitted"  # code of an error whose message is the number of errors that were not made
LONGEST_FIELD, LONGEST_MESSAGE = 100, 400  # characters of a detail, which may repeat what was sent


def shortened(details: Sequence[Detail], omitted: int = 0) -> list[Detail]:
    """At most 20 details of limited length, and one that counts the rest: these and `omitted` further ones."""
    omitted += sum(int(detail.message) for detail in details if detail.code == OMITTED)
    details = [detail for detail in details if detail.code != OMITTED]
    kept = [
        detail._replace(field=excerpt(detail.field, LONGEST_FIELD), message=excerpt(detail.message, LONGEST_MESSAGE))
        for detail in details[:MAX_DETAILS]
    ]
    more = len(details) - len(kept) + omitted
    return [*kept, Detail("", "more", f"… and {more} more")] if more else kept


def envelope(code: str, reason: str, message: str, request_id: str, details: Sequence[Detail] = ()) -> dict[str, Any]:
    return {
        "status": "error",
        "error": {
            "code": code,
            "reason": str(reason),
            "message": message,
            "request_id": request_id,
            "details": [detail.as_dict() for detail in details],
        },
    }


def envelope_of(reason: ErrorReason, request_id: str, message: str = "") -> dict[str, Any]:
    return envelope(reason.code, reason, message or reason.message, request_id)
