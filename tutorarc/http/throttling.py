"""Rate limits of requests and of guesses (docs/contract.md, "Rate limits")."""

from collections.abc import Sequence
from time import thread_time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from tutorarc.domain.sliding_window import Limit, Usage
from tutorarc.http.client_address import network_of
from tutorarc.http.counters import guess_counters, now, request_counters
from tutorarc.http.error_reasons import ErrorReason

ADDRESS_FACTOR = 10  # a whole school may share one address
SECONDS_FOR_ONE = 0.1  # of processor time, which a refused request may take before it counts twice


class RequestLimit:
    """One request, counted for its caller."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.now = now()
        self.started = thread_time()
        [self.usage] = request_counters().add([limit], self.now)

    def refuse_if_over(self) -> None:
        """Raises Throttled if the request was one too many. It then isn't counted."""
        if self.usage.refused:
            raise Throttled(wait=self.wait, code=ErrorReason.RATE_LIMITED)

    def count_cost(self) -> None:
        """Count the request once more for each SECONDS_FOR_ONE that it took. Call it in the same thread."""
        more = int((thread_time() - self.started) / SECONDS_FOR_ONE)
        if more and not self.usage.refused:
            [self.usage] = request_counters().add([self.limit], self.now, more)

    @property
    def wait(self) -> int:
        """Seconds until the next request is allowed."""
        return self.limit.wait(self.usage, self.now)

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit-Reset is the time until RateLimit-Remaining rises."""
        remaining = self.limit.remaining(self.usage, self.now)
        return {
            "RateLimit-Limit": str(self.limit.number),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(self.limit.wait(self.usage, self.now, remaining + 1)),
        }


class GuessLimits:
    """Limits on wrong guesses of a secret, which hold over all processes.

    Check before and after looking at a guess, and count it if it is wrong:

        guesses.refuse_if_spent()
        if is_right():
            guesses.refuse_if_spent()
        else:
            guesses.count()

    Then of any number of attempts at the same moment no more are answered than one after the other, and a right one
    writes nothing.
    """

    def __init__(self, limits: Sequence[Limit], reason: ErrorReason = ErrorReason.RATE_LIMITED) -> None:
        self.limits = limits
        self.reason = reason

    def refuse_if_spent(self) -> None:
        """Raises Throttled if one of the limits is used up. Counts nothing."""
        if self.limits:
            self._refuse(guess_counters().read(self.limits, now()))

    def count(self) -> bool:
        """Count a wrong guess. Returns whether a limit is used up now. Raises Throttled if it was one too many."""
        if not self.limits:
            return False
        usages = guess_counters().add(self.limits, now())
        self._refuse(usages)
        return any(limit.remaining(usage, now()) == 0 for limit, usage in zip(self.limits, usages, strict=True))

    def take(self) -> None:
        """Count an attempt, right or wrong. Raises Throttled if it is one too many."""
        self.refuse_if_spent()
        self.count()

    def _refuse(self, usages: Sequence[Usage]) -> None:
        waits = [limit.wait(usage, now()) for limit, usage in zip(self.limits, usages, strict=True) if usage.refused]
        if waits:
            raise Throttled(wait=max(waits), code=self.reason)


def reaches(limit: Limit) -> bool:
    """Count an event that is never refused. Returns whether the limit is reached."""
    [usage] = guess_counters().add([limit], now())
    return usage.refused or limit.remaining(usage, now()) == 0


def request_limit(request: Any) -> RequestLimit | None:
    """Count a request of a user (all keys and sessions together), or of an address for anonymous requests."""
    if settings.RATE_LIMIT is None:
        return None
    caller = request.user.pk if request.user.is_authenticated else address_of(request)
    return RequestLimit(Limit("requests", caller, settings.RATE_LIMIT))


def count_without_credential(request: HttpRequest) -> None:
    """Raises Throttled if an address has sent too many requests that lack a credential or have a malformed one."""
    if settings.RATE_LIMIT is not None:
        RequestLimit(Limit("without-credential", address_of(request), settings.RATE_LIMIT)).refuse_if_over()


def count_unknown_key(request: HttpRequest) -> None:
    """Raises Throttled if an address has sent too many unknown API keys."""
    if settings.RATE_LIMIT is not None:
        GuessLimits([Limit("unknown-key", address_of(request), settings.RATE_LIMIT)]).take()


def address_of(request: HttpRequest) -> str:
    """The client's address, as limits count it."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
