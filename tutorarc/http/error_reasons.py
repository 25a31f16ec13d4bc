"""Reasons of errors that aren't domain errors (docs/contract.md, "Errors"), with their codes and messages."""

from enum import StrEnum
from typing import Self

STATUSES = {
    "VALIDATION_ERROR": 400,
    "MALFORMED_REQUEST": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "REQUEST_TIMEOUT": 408,
    "CONFLICT": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "INTERNAL_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503,
}


class ErrorReason(StrEnum):
    """A reason with its code and default message.

    DRF's exceptions take one as their `code`: `PermissionDenied("…", code=ErrorReason.MISSING_SCOPE)`.
    """

    code: str
    message: str

    def __new__(cls, slug: str, code: str, message: str) -> Self:
        reason = str.__new__(cls, slug)
        reason._value_, reason.code, reason.message = slug, code, message
        return reason

    INVALID_FIELDS = "invalid_fields", "VALIDATION_ERROR", "Some fields are wrong: see details."
    UNKNOWN_FIELD = "unknown_field", "VALIDATION_ERROR", "There is no such field here."
    INVALID_PARAMETER = "invalid_parameter", "VALIDATION_ERROR", "A query parameter is wrong: see details."
    UNKNOWN_PARAMETER = "unknown_parameter", "VALIDATION_ERROR", "There is no such query parameter here."
    REPEATED_FIELD = "repeated_field", "VALIDATION_ERROR", "Give this name once in the same object."
    REPEATED_PARAMETER = "repeated_parameter", "VALIDATION_ERROR", "Give this parameter once."
    BAD_CURSOR = "bad_cursor", "VALIDATION_ERROR", "This cursor is not valid: use the links next and previous."
    BAD_IDEMPOTENCY_KEY = (
        "bad_idempotency_key",
        "VALIDATION_ERROR",
        "An idempotency key has 1 to 255 printable ASCII characters.",
    )

    MALFORMED_REQUEST = "malformed_request", "MALFORMED_REQUEST", "The request could not be understood."
    MALFORMED_JSON = "malformed_json", "MALFORMED_REQUEST", "The body is not valid JSON."
    NESTED_TOO_DEEPLY = "nested_too_deeply", "MALFORMED_REQUEST", "The body is nested too deeply."
    TOO_MANY_VALUES = "too_many_values", "MALFORMED_REQUEST", "The body has more values than any call takes."
    NOT_AN_OBJECT = "not_an_object", "MALFORMED_REQUEST", "The body must be a JSON object."
    MALFORMED_FORM = "malformed_form", "MALFORMED_REQUEST", "The form is malformed."
    NOT_UTF_8 = "not_utf_8", "MALFORMED_REQUEST", "The form is not in UTF-8."
    INCOMPLETE_BODY = "incomplete_body", "MALFORMED_REQUEST", "The body is shorter than its Content-Length."
    LENGTH_REQUIRED = (
        "length_required",
        "MALFORMED_REQUEST",
        "This server takes no chunked bodies: send a Content-Length.",
    )

    NO_CREDENTIAL = "no_credential", "UNAUTHENTICATED", "Sign in, or send an API key in the X-API-Key header."
    MALFORMED_KEY = (
        "malformed_key",
        "UNAUTHENTICATED",
        "This is no complete API key: its form or its checksum is wrong. Copy it again.",
    )
    UNKNOWN_KEY = (
        "unknown_key",
        "UNAUTHENTICATED",
        "This API key is wrong, expired or revoked, or its owner is not active.",
    )

    FORBIDDEN = "forbidden", "FORBIDDEN", "You may not do this."
    WRONG_ROLE = "wrong_role", "FORBIDDEN", "Your role, global or in the class, does not allow this."
    NOT_A_MEMBER = "not_a_member", "FORBIDDEN", "You are not a member of this class."
    NOT_THE_OWNER = "not_the_owner", "FORBIDDEN", "This belongs to somebody else."
    MISSING_SCOPE = "missing_scope", "FORBIDDEN", "This API key lacks the scope that this call needs."
    SIGN_IN_REQUIRED = "sign_in_required", "FORBIDDEN", "This call needs a signed-in user, not an API key."
    CONFIRMATION_REQUIRED = (
        "confirmation_required",
        "FORBIDDEN",
        "Confirm that it’s you: open /accounts/reauthenticate/ in this browser and enter your password. Then send this "
        "again within 15 minutes.",
    )
    CSRF_FAILED = (
        "csrf_failed",
        "FORBIDDEN",
        "A call with the session cookie needs its CSRF token, in the header X-CSRFToken.",
    )

    UNKNOWN_PATH = "unknown_path", "NOT_FOUND", "There is no such path."
    UNKNOWN_ID = "unknown_id", "NOT_FOUND", "An id in the path names nothing."
    METHOD_NOT_ALLOWED = "method_not_allowed", "METHOD_NOT_ALLOWED", "This method is not possible here."
    NOT_ACCEPTABLE = (
        "not_acceptable",
        "NOT_ACCEPTABLE",
        "None of the media types that you accept is available.",
    )
    BODY_TOO_SLOW = (
        "body_too_slow",
        "REQUEST_TIMEOUT",
        "The request body arrived too slowly or not at all, so nothing was done. Send it again without pauses.",
    )
    BODY_TOO_LARGE = "body_too_large", "PAYLOAD_TOO_LARGE", "The request body is larger than 1 MiB."
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported_media_type",
        "UNSUPPORTED_MEDIA_TYPE",
        "The body must be JSON, with the header Content-Type: application/json.",
    )
    UNSUPPORTED_ENCODING = "unsupported_encoding", "UNSUPPORTED_MEDIA_TYPE", "Send the body uncompressed."
    RATE_LIMITED = "rate_limited", "RATE_LIMITED", "Too many requests."
    TOO_MANY_WRONG_CODES = "too_many_wrong_codes", "RATE_LIMITED", "Too many wrong class codes."
    TOO_MANY_INVITATIONS = "too_many_invitations", "RATE_LIMITED", "You can’t invite so many people in one day."
    INTERNAL_ERROR = (
        "internal_error",
        "INTERNAL_ERROR",
        "An error occurred on the server. It is logged with the request id.",
    )
    DATABASE_UNAVAILABLE = (
        "database_unavailable",
        "SERVICE_UNAVAILABLE",
        "The database is away or too busy right now. Try again in a moment.",
    )
    OVERLOADED = "overloaded", "SERVICE_UNAVAILABLE", "Too much is asked at once right now. Try again in a moment."


# Default reasons by status.
DEFAULT_REASONS = {
    400: ErrorReason.MALFORMED_REQUEST,
    401: ErrorReason.NO_CREDENTIAL,
    403: ErrorReason.FORBIDDEN,
    404: ErrorReason.UNKNOWN_PATH,
    405: ErrorReason.METHOD_NOT_ALLOWED,
    406: ErrorReason.NOT_ACCEPTABLE,
    408: ErrorReason.BODY_TOO_SLOW,
    413: ErrorReason.BODY_TOO_LARGE,
    415: ErrorReason.UNSUPPORTED_MEDIA_TYPE,
    429: ErrorReason.RATE_LIMITED,
    500: ErrorReason.INTERNAL_ERROR,
    503: ErrorReason.DATABASE_UNAVAILABLE,
}
