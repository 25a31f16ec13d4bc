"""A signal for each refused call that was sent with an API key (docs/contract.md, "Refused calls")."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.handlers.wsgi import get_path_info
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse

from tutorarc.http.api_paths import path_template
from tutorarc.http.error_reasons import DEFAULT_REASONS, ErrorReason

call_refused = Signal()  # with `refusal`, a Refusal
KEY_HEADER = "HTTP_X_API_KEY"


class Refusal(NamedTuple):
    """An error answer to a call with an API key."""

    secret: str  # what was sent as the key: never to be stored or logged
    is_key_valid: bool  # whether it authenticated the caller, as far as is known
    method: str
    path: str  # without the query
    route: str  # `/api/v1/classes/{class_id}`; empty for an unknown path
    status: int
    reason: str
    message: str
    details: list[Mapping[str, str]]


def report(request: HttpRequest, response: HttpResponse) -> None:
    """Send the signal if the response is an error. Makes no query, and fails no request."""
    secret = request.META.get(KEY_HEADER)
    if response.status_code < 400 or secret is None:
        return
    match, error = request.resolver_match, _error_of(response)
    refusal = Refusal(
        secret=secret,
        is_key_valid=getattr(request, "auth", None) is not None,
        method=str(request.method),
        path=request.path,
        route=path_template(match.route) if match else "",
        status=response.status_code,
        reason=error["reason"],
        message=error["message"],
        details=error["details"],
    )
    call_refused.send_robust(None, refusal=refusal)


def report_early(environ: dict[str, Any], status: int, reason: ErrorReason) -> None:
    """The same for a request that Django never saw."""
    if (secret := environ.get(KEY_HEADER)) is not None:
        method, path = environ["REQUEST_METHOD"], get_path_info(environ)
        refusal = Refusal(secret, False, method, path, "", status, reason, reason.message, [])
        call_refused.send_robust(None, refusal=refusal)


def _error_of(response: HttpResponse) -> dict[str, Any]:
    """The error in the answer; for an error page the default one of its status."""
    data = getattr(response, "data", None)
    if isinstance(data, dict) and "error" in data:
        return data["error"]
    is_fault = response.status_code >= 500
    usual = ErrorReason.INTERNAL_ERROR if is_fault else ErrorReason.MALFORMED_REQUEST
    reason = DEFAULT_REASONS.get(response.status_code, usual)
    return {"reason": reason, "message": reason.message, "details": []}
