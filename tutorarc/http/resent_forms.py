"""Forms on error pages: what was typed into a refused form can be sent again with one button.

The page holds the form's body, encrypted because it may contain a password. It can be sent for ten minutes, by the
same browser, since the body's CSRF token is checked as always.
"""

import io
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.http import escape_leading_slashes

from tutorarc.domain.encryption import decrypt, encrypt

MAX_BYTES = 16 * 1024  # of a body: imported files are to be chosen again
MAX_TIMES = 8  # that a page sends the form by itself: after that there is the button
LIFETIME_SECONDS = 600
MARK = "_resent"  # a query parameter: how many times the form was sent again
FIELD = "form"
FORM_TYPE = "application/x-www-form-urlencoded"
UNREADABLE = (ValueError, BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError)


class NotRestored(Exception):
    """The form is too old, or from elsewhere."""


class ResentFormMiddleware:
    """Give views the body that a form on an error page holds, as if it were sent for the first time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            restore(request)
        except NotRestored:
            return HttpResponseRedirect(escape_leading_slashes(request.path))  # the page with an empty form
        return self.get_response(request)


def resendable(request: Any, wait: int = 0) -> dict[str, Any]:
    """The context of an error page's form: `address`, `form` (encrypted) and `wait`. Empty if there is none to keep.

    With `wait`, for requests that were surely not worked on, the page sends the form by itself after so many seconds,
    and later each time.
    """
    if request.method != "POST" or not (body := _body_of(request)):
        return {}
    query, times = request.META.get("QUERY_STRING", ""), request.META.get(MARK, 0) + 1
    return {
        "address": f"{escape_leading_slashes(request.path)}?{query}{'&' if query else ''}{MARK}={times}",
        "form": encrypt(json.dumps([request.path, body, time.time()])),
        "wait": wait * times if times <= MAX_TIMES else 0,
    }


def restore(request: Any) -> None:
    """Replace the body and remove the mark from the query; nothing for other requests. Raises NotRestored."""
    query, mark, times = request.META.get("QUERY_STRING", "").rpartition(f"{MARK}=")
    if not mark or request.method != "POST" or request.content_type != FORM_TYPE:
        return
    try:
        body = _decrypted(QueryDict(request._stream.read(4 * MAX_BYTES))[FIELD], request.path)  # noqa: SLF001
        request.META |= {MARK: int(times), "QUERY_STRING": query.removesuffix("&"), "CONTENT_LENGTH": str(len(body))}
    except (InvalidToken, KeyError, *UNREADABLE) as error:
        raise NotRestored from error
    request._stream = io.BytesIO(body)  # noqa: SLF001 (Django has no public way to replace a body)


def _decrypted(form: str, path: str) -> bytes:
    made_for, body, made_at = json.loads(decrypt(form))
    if made_for != path or time.time() > made_at + LIFETIME_SECONDS:
        raise NotRestored
    return str(body).encode()


def _body_of(request: Any) -> str:
    """The fields of a form without files; empty for any other body."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            return ""
        restore(request)
        return "" if request.FILES else str(request.POST.urlencode())
    except (NotRestored, *UNREADABLE):
        return ""
