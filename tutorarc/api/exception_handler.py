"""The exception handler: turns every exception into the error format (docs/contract.md, "Errors")."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tutorarc.db.outage import RETRY_AFTER_SECONDS, is_outage
from tutorarc.domain.errors import Conflict, Detail, DomainError
from tutorarc.http import request_id
from tutorarc.http.error_format import DEFAULT_REASONS, STATUSES, ErrorReason, envelope
from tutorarc.http.unavailable import log_outage
from tutorarc.http.wsgi_request import IncompleteBody

log = logging.getLogger("tutorarc.errors")


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
    code, reason, message, details, headers = _describe(error)
    status = STATUSES[code]
    if reason == ErrorReason.DATABASE_UNAVAILABLE:
        log_outage(context["request"], error)
    elif status >= 500:
        log.error("%s: %s", type(error).__name__, message, exc_info=error)
    body = envelope(code, reason, message, request_id.current.get(), details)
    return Response(body, status=status, headers=headers)


def _describe(error: Exception) -> Problem:
    match error:
        case DomainError():
            code = "CONFLICT" if isinstance(error, Conflict) else "VALIDATION_ERROR"
            return Problem(code, error.reason, error.message, error.details)
        case exceptions.ValidationError():
            return _invalid(error)
        case ModelValidationError():
            return _invalid(exceptions.ValidationError(get_error_detail(error)))
        case exceptions.APIException():
            reason = _reason(error)
            return Problem(reason.code, reason, _sentence(error) or reason.message, headers=_headers(error))
        case Http404():
            return _of(ErrorReason.UNKNOWN_ID)
        case PermissionDenied():
            return _of(ErrorReason.FORBIDDEN)
        case RequestDataTooBig():
            return _of(ErrorReason.BODY_TOO_LARGE)
        case IncompleteBody() | UnreadablePostError():
            return _of(ErrorReason.INCOMPLETE_BODY)
        case SuspiciousOperation() | BadRequest() | MultiPartParserError():
            return _of(ErrorReason.MALFORMED_REQUEST)
    if is_outage(error):
        return _of(ErrorReason.DATABASE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_SECONDS)})
    return _of(ErrorReason.INTERNAL_ERROR)


def _of(reason: ErrorReason, headers: Mapping[str, str] = {}) -> Problem:
    return Problem(reason.code, reason, reason.message, headers=headers)


def _invalid(error: exceptions.ValidationError) -> Problem:
    details = list(flatten(error.get_full_details()))
    are_unknown = all(detail.code == ErrorReason.UNKNOWN_FIELD for detail in details)
    usual = ErrorReason.UNKNOWN_FIELD if are_unknown else ErrorReason.INVALID_FIELDS
    message = details[0].message if len(details) == 1 else ErrorReason.INVALID_FIELDS.message
    return Problem("VALIDATION_ERROR", getattr(error, "reason", usual), message, details)


def _reason(error: exceptions.APIException) -> ErrorReason:
    """The reason given to the exception as `code`, unless it is DRF's default."""
    code = getattr(error.detail, "code", None)
    return code if isinstance(code, ErrorReason) else DEFAULT_REASONS[error.status_code]


def _sentence(error: exceptions.APIException) -> str:
    """The exception's message, unless it is DRF's default."""
    is_stock = isinstance(error, exceptions.Throttled) or error.detail == type(error).default_detail
    return "" if is_stock else str(error.detail)


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
