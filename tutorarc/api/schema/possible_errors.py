"""Which errors each call can give, by their reasons: for the reference, and for tests that compare answers with it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tutorarc.api.actions import ActionSpec, PossibleError
from tutorarc.api.permissions import operands
from tutorarc.domain.errors import Conflict
from tutorarc.http.error_reasons import STATUSES, ErrorReason
from tutorarc.models.idempotent_reply import IdempotentReply

OF_EVERY_CALL = (
    ErrorReason.UNKNOWN_PARAMETER,
    ErrorReason.REPEATED_PARAMETER,
    ErrorReason.MALFORMED_REQUEST,
    ErrorReason.NO_CREDENTIAL,
    ErrorReason.MALFORMED_KEY,
    ErrorReason.UNKNOWN_KEY,
    ErrorReason.FORBIDDEN,
    ErrorReason.NOT_ACCEPTABLE,
    ErrorReason.RATE_LIMITED,
    ErrorReason.INTERNAL_ERROR,
    ErrorReason.DATABASE_UNAVAILABLE,
    ErrorReason.OVERLOADED,
)
OF_EVERY_LIST = (ErrorReason.INVALID_PARAMETER, ErrorReason.BAD_CURSOR)
OF_EVERY_WRITE = (
    ErrorReason.CSRF_FAILED,
    ErrorReason.INVALID_FIELDS,
    ErrorReason.UNKNOWN_FIELD,
    ErrorReason.REPEATED_FIELD,
    ErrorReason.MALFORMED_JSON,
    ErrorReason.NESTED_TOO_DEEPLY,
    ErrorReason.TOO_MANY_VALUES,
    ErrorReason.NOT_AN_OBJECT,
    ErrorReason.MALFORMED_FORM,
    ErrorReason.NOT_UTF_8,
    ErrorReason.INCOMPLETE_BODY,
    ErrorReason.LENGTH_REQUIRED,
    ErrorReason.BODY_TOO_SLOW,
    ErrorReason.BODY_TOO_LARGE,
    ErrorReason.UNSUPPORTED_MEDIA_TYPE,
    ErrorReason.UNSUPPORTED_ENCODING,
)
OF_EVERY_POST = (
    ErrorReason.BAD_IDEMPOTENCY_KEY,
    IdempotentReply.Mismatch,
    IdempotentReply.InProgress,
    IdempotentReply.Unreadable,
)


class Reason(NamedTuple):
    """A reason with its code and message, from a domain error or an ErrorReason."""

    slug: str
    code: str
    message: str

    @property
    def status(self) -> int:
        return STATUSES[self.code]


def reason_of(error: PossibleError) -> Reason:
    if isinstance(error, ErrorReason):
        return Reason(error.value, error.code, error.message)
    code = "CONFLICT" if issubclass(error, Conflict) else "VALIDATION_ERROR"
    return Reason(error.reason, code, error.message)


def possible_reasons(view: Any, action: str, method: str, *, has_ids: bool) -> list[Reason]:
    """The reasons that an action of a viewset may give, for a method and for a path with or without ids."""
    spec = view.specs[action]
    errors = [*OF_EVERY_CALL, *_of_parameters(view, action), *_of_method(method), *_refusals(view, spec)]
    errors += [ErrorReason.UNKNOWN_ID] if has_ids else []
    return [reason_of(error) for error in dict.fromkeys([*spec.errors, *errors])]


def _of_parameters(view: Any, action: str) -> tuple[ErrorReason, ...]:
    if action == "list":
        return OF_EVERY_LIST
    return (ErrorReason.INVALID_PARAMETER,) if view.extra_parameters else ()


def _of_method(method: str) -> tuple[PossibleError, ...]:
    if method == "GET":
        return ()
    return OF_EVERY_WRITE + OF_EVERY_POST if method == "POST" else OF_EVERY_WRITE


def _refusals(view: Any, spec: ActionSpec) -> Iterator[ErrorReason]:
    yield from next(operands(spec.permission)).reasons
    if spec.scopes:
        yield ErrorReason.MISSING_SCOPE
    if view.cookie_only:
        yield ErrorReason.SIGN_IN_REQUIRED
    if spec.needs_confirmation:
        yield ErrorReason.CONFIRMATION_REQUIRED
