"""`Idempotency-Key` (docs/contract.md, "Safe retries"): a repeated POST is executed once and its response replayed."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api import json
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.domain.errors import Conflict
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models.idempotent_reply import IdempotentReply

HEADER = "Idempotency-Key"
IN_META = "HTTP_IDEMPOTENCY_KEY"  # request.headers would be built from all of META
KEY_PATTERN = "^[ -~]{1,255}$"
REPLAYED = {"Idempotency-Replayed": "true"}


def run_idempotently(
    view: Any, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
) -> Response:
    """Run the handler once for an Idempotency-Key, or return the stored response.

    Claiming the key, the work and storing the response are one transaction. 2xx and 409 are stored; any other error
    rolls back everything, so that the request can be retried.
    """
    key = _key(request)
    if key is None:
        return handler(request, *args, **kwargs)
    with transaction.atomic():
        reply = IdempotentReply.objects.claim(view.user, key, _fingerprint(request))
        if reply.status is not None:
            return _replay(reply)
        try:
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
        except Conflict as conflict:
            response = view.handle_exception(conflict)
        reply.store(response.status_code, json.dump(_without_secrets(response.data, view.secrets)).decode())
    return response


def stored_response(view: Any, request: Request) -> Response | None:
    """The stored response to the same request of the same user, or None.

    Looked up before the class role is checked, so that leaving a class can be replayed after it.
    """
    key = request.META.get(IN_META, "")
    if request.method != "POST" or not re.fullmatch(KEY_PATTERN, key):
        return None
    reply = IdempotentReply.objects.find(view.user, key, _fingerprint(request))
    return _replay(reply) if reply else None


def _replay(reply: IdempotentReply) -> Response:
    """Raises IdempotentReply.Unreadable."""
    return Response(orjson.loads(reply.read()), status=reply.status, headers=REPLAYED)


def buffer_body(request: Request) -> None:
    """Read the raw body before a parser consumes it: the fingerprint needs it."""
    if IN_META in request.META:
        request._request.body  # noqa: B018


def _key(request: Request) -> str | None:
    """The idempotency key of a POST, or None. Raises ValidationError."""
    key = request.META.get(IN_META) if request.method == "POST" else None
    if key is not None and not re.fullmatch(KEY_PATTERN, key):
        raise InvalidParameter(HEADER, reason=ErrorReason.BAD_IDEMPOTENCY_KEY)
    return key


def _fingerprint(request: Request) -> str:
    target = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(target + request._request.body).hexdigest()


def _without_secrets(answer: Any, secrets: frozenset[str]) -> Any:
    return {**answer, **dict.fromkeys(secrets & answer.keys())} if secrets else answer
