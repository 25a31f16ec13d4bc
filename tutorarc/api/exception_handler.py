"""The exception handler: turns every exception into the error format (docs/contract.md, "Errors")."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tutorarc.api.unknown_ids import no_such_id
from tutorarc.db.outage import RETRY_AFTER_SECONDS, is_outage
from tutorarc.domain.errors import Conflict, Detail, DomainError
from tutorarc.http import request_id
from tutorarc.http.error_format import LONGEST_MESSAGE, envelope, shortened
from tutorarc.http.error_reasons import DEFAULT_REASONS, STATUSES, ErrorReason
from tutorarc.http.error_words import excerpt, join_names, method_not_allowed, with_field
from tutorarc.http.unavailable import log_outage
from tutorarc.http.wsgi_request import IncompleteBody

log = logging.getLogger("tutorarc.errors")
NAMED_FIELDS = 5  # in the message of an error of several fields


# Reasons of the exceptions of Django and of reading requests. The first match counts: some are subclasses of others.
REASONS_BY_TYPE: dict[type[Exception], ErrorReason] = {
    PermissionDenied: ErrorReason.FORBIDDEN,
    RequestDataTooBig: ErrorReason.BODY_TOO_LARGE,
    IncompleteBody: ErrorReason.INCOMPLETE_BODY,
    UnreadablePostError: ErrorReason.INCOMPLETE_BODY,
    SuspiciousOperation: ErrorReason.MALFORMED_REQUEST,
    BadRequest: ErrorReason.MALFORMED_REQUEST,
    MultiPartParserError: ErrorReason.MALFORMED_REQUEST,
}


class Problem(NamedTuple):
    """Status and error fields of an exception."""

    code: str
    reason: str
    message: str
    details: Sequence[Detail] = ()
    headers: Mapping[str, str] = {}


def error_response(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. Never returns None, so that every error has the same format."""
    set_rollback()
    code, reason, message, details, headers = _describe(error, context["view"])
    status = STATUSES[code]
    if reason == ErrorReason.DATABASE_UNAVAILABLE:
        log_outage(context["request"], error)
    elif status >= 500:
        log.error("%s: %s", type(error).__name__, message, exc_info=error)
    body = envelope(code, reason, message, request_id.current.get(), details)
    return Response(body, status=status, headers=headers)


def _describe(error: Exception, view: Any) -> Problem:
    match error:
        case Conflict():
            return Problem("CONFLICT", error.reason, error.message, shortened(error.details))
        case DomainError():
            details = shortened(error.details)
            return Problem("VALIDATION_ERROR", error.reason, _sentence_of_fields(details) or error.message, details)
        case exceptions.ValidationError():
            return _invalid(error)
        case ModelValidationError():
            return _describe(exceptions.ValidationError(get_error_detail(error)), view)
        case exceptions.APIException():
            reason = _reason(error)
            return Problem(reason.code, reason, _sentence(error, reason, view), headers=_headers(error))
        case Http404():
            return _of(ErrorReason.UNKNOWN_ID, no_such_id(view.kwargs))
        case TooManyFieldsSent():
            limit = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
            return _of(ErrorReason.MALFORMED_REQUEST, f"At most {limit} parameters or form fields are read.")
    if is_outage(error):
        return _of(ErrorReason.DATABASE_UNAVAILABLE, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    matching = (reason for kind, reason in REASONS_BY_TYPE.items() if isinstance(error, kind))
    return _of(next(matching, ErrorReason.INTERNAL_ERROR))


def _of(reason: ErrorReason, message: str = "", headers: Mapping[str, str] = {}) -> Problem:
    return Problem(reason.code, reason, message or reason.message, headers=headers)


def _invalid(error: exceptions.ValidationError) -> Problem:
    details = list(flatten(error.get_full_details()))
    are_unknown = all(detail.code == ErrorReason.UNKNOWN_FIELD for detail in details)
    usual = ErrorReason.UNKNOWN_FIELD if are_unknown else ErrorReason.INVALID_FIELDS
    reason = getattr(error, "reason", usual)
    details = shortened(details, getattr(error, "omitted", 0))
    return Problem("VALIDATION_ERROR", reason, _sentence_of_fields(details) or reason.message, details)


def _sentence_of_fields(details: Sequence[Detail]) -> str:
    """The message of a single wrong field, or the names of several; empty if there are none."""
    if len(details) == 1:
        return with_field(details[0].field, details[0].message)
    names = list(dict.fromkeys(detail.field for detail in details if detail.field))
    named = names if len(names) <= NAMED_FIELDS else [*names[: NAMED_FIELDS - 1], "others"]
    return f"Several values are wrong: {join_names(named, 'and')}. See details." if named else ""


def _reason(error: exceptions.APIException) -> ErrorReason:
    """The reason given to the exception as `code`, unless it is DRF's default."""
    code = getattr(error.detail, "code", None)
    return code if isinstance(code, ErrorReason) else DEFAULT_REASONS[error.status_code]


def _sentence(error: exceptions.APIException, reason: ErrorReason, view: Any) -> str:
    """The exception's message in place of DRF's default."""
    match error:
        case exceptions.MethodNotAllowed():
            return method_not_allowed(view.request.method, view.allowed_methods)
        case exceptions.Throttled():
            return f"{reason.message} Try again in {_seconds(error)}."
    is_stock = error.detail == type(error).default_detail
    return reason.message if is_stock else excerpt(str(error.detail), LONGEST_MESSAGE)


def _seconds(error: Any) -> str:
    seconds = math.ceil(error.wait)
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _headers(error: exceptions.APIException) -> dict[str, str]:
    """Headers from the exception: `auth_header` is set by the view on a 401, `wait` (seconds) by a throttle."""
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def flatten(details: Any, field: str = "") -> Iterator[Detail]:
    """Flatten DRF's nested error details: `{"user_ids": {1: [e]}}` gives the field `user_ids[1]`."""
    if isinstance(details, dict) and {"message", "code"} <= details.keys() and isinstance(details["code"], str):
        yield Detail(field, details["code"], str(details["message"]))
    elif isinstance(details, dict):
        for key, inner in details.items():
            yield from flatten(inner, _join(field, key))
    else:
        for inner in details:
            yield from flatten(inner, field)


def _join(field: str, key: Any) -> str:
    if key == "non_field_errors":
        return field
    if isinstance(key, int):
        return f"{field}[{key}]"
    return f"{field}.{key}" if field else str(key)
