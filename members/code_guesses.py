"""Limits on wrong class codes: by user, and ten times higher by address, because a school may share one."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import Throttled

from classes.models import Class
from members.guessed_codes import count_for_prefix
from members.models import Membership
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.throttling import ADDRESS_FACTOR, GuessLimits, address_of


def code_guesses(request: Any) -> GuessLimits:
    """The limits on wrong codes of this caller; none if TUTORARC_CODE_GUESS_LIMIT is off."""
    number = settings.CODE_GUESS_LIMIT
    if number is None:
        return GuessLimits([])
    limits = [
        Limit("code-user", request.user.pk, number),
        Limit("code-address", address_of(request), number * ADDRESS_FACTOR),
    ]
    return GuessLimits(limits, ErrorReason.TOO_MANY_WRONG_CODES)


def class_with_code(request: Any, typed: str) -> Class:
    """The class with this code, within the limits on guessing. Raises WrongCode and Throttled."""
    guesses = code_guesses(request)
    guesses.refuse_if_spent()
    klass = Class.objects.by_code(typed)
    if klass is None:
        raise counted(request, typed, Membership.WrongCode())
    guesses.refuse_if_spent()
    return klass


def counted(request: Any, typed: str, wrong: Exception) -> Exception:
    """Count a wrong code. Returns the error to raise: Throttled if the limit is exceeded."""
    count_for_prefix(request, typed)
    try:
        code_guesses(request).count()
    except Throttled as throttled:
        return throttled
    return wrong
