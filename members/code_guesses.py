"""Guessing class codes is throttled: by person, and ten times looser by address, as a school sits behind one."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from tutorarc.http.errors import ErrorReason
from tutorarc.http.throttling import FixedWindow, address_of

ADDRESS_FACTOR = 10


def windows(request: Any) -> list[FixedWindow]:
    """The counters of wrong codes for this caller; none where TUTORARC_CODE_GUESS_LIMIT is off."""
    limit = settings.CODE_GUESS_LIMIT
    if limit is None:
        return []
    reason = ErrorReason.TOO_MANY_WRONG_CODES
    return [
        FixedWindow("code-guess-user", request.user.pk, limit, reason=reason),
        FixedWindow("code-guess-address", address_of(request), limit * ADDRESS_FACTOR, reason=reason),
    ]


def refuse_if_spent(request: Request) -> None:
    """Raises Throttled once the wrong codes of this minute are used up."""
    for window in windows(request):
        window.refuse_if_spent()


def counted(request: Request, wrong: Exception) -> Exception:
    """Count a wrong code: the error to answer with, which is Throttled for the first one too many."""
    try:
        for window in windows(request):
            window.take().refuse_if_over()
    except Throttled as throttled:
        return throttled
    return wrong
