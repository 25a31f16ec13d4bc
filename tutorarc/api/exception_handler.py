"""The one place where an exception becomes an answer (API.md, "Errors")."""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tutorarc.db.outage import RETRY_AFTER_SECONDS, is_outage
from tutorarc.domain.errors import Conflict, Detail, DomainError, envelope
from tutorarc.http import request_id

log = logging.getLogger("tutorarc.errors")

FIRST_LINE_OF_VALIDATION = "Some of what you sent is wrong: see details."


def error_response(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. Never returns None, so that no fault gets past the one shape."""
    set_rollback()
    status, fields, headers = _describe(error)
    if status >= 500:
        log.error("%s: %s", type(error).__name__, fields.get("message", ""), exc_info=error)
    return Response(envelope(status, request_id.current.get(), **fields), status=status, headers=headers)


def _describe(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """The status, the fields of the envelope and the headers for an exception."""
    match error:
        case Conflict():
            return 409, {"message": error.message, "details": error.details}, {}
        case DomainError():
            return 400, {"code": "VALIDATION_ERROR", "message": error.message, "details": error.details}, {}
        case exceptions.ValidationError():
            details = list(flatten(error.get_full_details()))
            message = details[0].message if len(details) == 1 else FIRST_LINE_OF_VALIDATION
            return 400, {"code": "VALIDATION_ERROR", "message": message, "details": details}, {}
        case ModelValidationError():
            return _describe(exceptions.ValidationError(get_error_detail(error)))
        case exceptions.APIException():
            return error.status_code, {"message": _sentence(error)}, _headers(error)
        case Http404():
            return 404, {}, {}
        case PermissionDenied():
            return 403, {}, {}
        case RequestDataTooBig():
            return 413, {}, {}
        case SuspiciousOperation() | BadRequest() | UnreadablePostError() | MultiPartParserError():
            return 400, {}, {}
    if is_outage(error):
        return 503, {}, {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return 500, {}, {}


def _sentence(error: exceptions.APIException) -> str:
    """The error's own words, unless they are DRF's default: ours say what to do."""
    is_stock = isinstance(error, exceptions.Throttled) or error.detail == type(error).default_detail
    return "" if is_stock else str(error.detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    """`auth_header` is put on a 401 by the view; `wait` by a throttle, in seconds."""
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def flatten(details: Any, field: str = "") -> Iterator[Detail]:
    """DRF's nested error details as one list: `{"user_ids": {1: [e]}}` gives the field `user_ids[1]`."""
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
