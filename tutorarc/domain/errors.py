"""Errors of the domain. A model nests its own (`Membership.LastTeacher(Conflict)`); none of them knows HTTP."""

from collections.abc import Sequence
from typing import NamedTuple


class Detail(NamedTuple):
    """One thing that is wrong: `field` is a path such as `user_ids[1]`, empty for the request as a whole."""

    field: str
    code: str
    message: str


class DomainError(Exception):
    """A rule said no. `message` is one sentence for a person."""

    message = "That is not possible."

    def __init__(self, message: str = "", details: Sequence[Detail] = ()) -> None:
        self.message = message or self.message
        self.details = list(details)
        super().__init__(self.message)


class Conflict(DomainError):
    """The request is well formed and allowed, but the present state forbids it."""


class Invalid(DomainError):
    """A value is wrong in a way that only the data can tell, such as a class code that opens nothing."""


CODES = {
    400: ("MALFORMED_REQUEST", "The request could not be understood."),
    401: ("UNAUTHENTICATED", "Sign in, or send an API key in the X-API-Key header."),
    403: ("FORBIDDEN", "You may not do this."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This method is not allowed here."),
    406: ("NOT_ACCEPTABLE", "None of the representations that you accept can be given."),
    409: ("CONFLICT", "The present state forbids this."),
    413: ("PAYLOAD_TOO_LARGE", "The request body is larger than 1 MiB."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, with the header Content-Type: application/json."),
    429: ("RATE_LIMITED", "Too many requests: wait a little."),
    500: ("INTERNAL_ERROR", "Something went wrong here. It is logged under the request id."),
    503: ("SERVICE_UNAVAILABLE", "The database is away or too busy right now. Try again in a moment."),
}


def envelope(
    status: int, request_id: str, *, code: str = "", message: str = "", details: Sequence[Detail] = ()
) -> dict[str, object]:
    """The one shape of every error under /api/ (API.md, "Errors")."""
    usual_code, usual_message = CODES[status]
    return {
        "status": "error",
        "error": {
            "code": code or usual_code,
            "message": message or usual_message,
            "request_id": request_id,
            "details": [detail._asdict() for detail in details],
        },
    }
