"""Limits on wrong class codes: by user, and ten times higher by address, because a school may share one."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.throttling import FixedWindow, address_of

ADDRESS_FACTOR = 10


def windows(request: Any) -> list[FixedWindow]:
    """Counters of wrong codes for this caller; none if TUTORARC_CODE_GUESS_LIMIT is off."""
    limit = settings.CODE_GUESS_LIMIT
    if limit is None:
        return []
    reason = ErrorReason.TOO_MANY_WRONG_CODES
    return [
        FixedWindow("code-guess-user", request.user.pk, limit, reason=reason),
        FixedWindow("code-guess-address", address_of(request), limit * ADDRESS_FACTOR, reason=reason),
    ]


def refuse_if_spent(request: Request) -> None:
    """Raises Throttled if the caller has used up the wrong codes of this minute."""
    for window in windows(request):
        window.refuse_if_spent()


def counted(request: Request, wrong: Exception) -> Exception:
    """Count a wrong code. Returns the error to raise: Throttled if the limit is exceeded."""
    try:
        for window in windows(request):
            window.take().refuse_if_over()
    except Throttled as throttled:
        return throttled
    return wrong
