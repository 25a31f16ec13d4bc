"""Rate limits in fixed windows, with one counter for each caller."""

import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from tutorarc.http.client_address import network_of
from tutorarc.http.error_reasons import ErrorReason

WINDOW_SECONDS = 60


class FixedWindow:
    """Counter of one caller in the current window. Without a shared cache each process counts for itself."""

    def __init__(
        self,
        name: str,
        caller: str,
        limit: int,
        seconds: int = WINDOW_SECONDS,
        reason: ErrorReason = ErrorReason.RATE_LIMITED,
    ) -> None:
        self.limit = limit
        self.reason = reason
        self.used = 0
        self.seconds = seconds
        window, second = divmod(int(time.time()), seconds)
        self.reset_in = seconds - second
        self.key = f"{name}:{caller}:{window}"

    def refuse_if_spent(self) -> None:
        """Raises Throttled if the limit is used up. Counts nothing."""
        if cache.get(self.key, 0) >= self.limit:
            raise Throttled(wait=self.reset_in, code=self.reason)

    def take(self) -> "FixedWindow":
        """Count one request."""
        try:
            self.used = cache.incr(self.key)
        except ValueError:
            self.used = self._begin()
        return self

    def _begin(self) -> int:
        """Start a window. Two requests may do this at once, and the shared cache may fail between two steps."""
        cache.add(self.key, 0, timeout=2 * self.seconds)
        with suppress(ValueError):
            return cache.incr(self.key)
        return 1

    def give_back(self) -> None:
        """Take back one count."""
        with suppress(ValueError):
            cache.decr(self.key)

    def refuse_if_over(self) -> None:
        """Raises Throttled if the last count exceeded the limit."""
        if self.used > self.limit:
            raise Throttled(wait=self.reset_in, code=self.reason)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.limit - self.used, 0)),
            "RateLimit-Reset": str(self.reset_in),
        }


def request_window(request: Any) -> FixedWindow | None:
    """Window for the requests of a user (all keys and sessions together), or of an address for anonymous requests."""
    if settings.RATE_LIMIT is None:
        return None
    caller = request.user.pk if request.user.is_authenticated else address_of(request)
    return FixedWindow("requests", caller, settings.RATE_LIMIT)


def count_unknown_caller(request: HttpRequest) -> None:
    """Raises Throttled, if an address has sent too many requests without a credential, or with a wrong one."""
    if settings.RATE_LIMIT is not None:
        FixedWindow("unknown-callers", address_of(request), settings.RATE_LIMIT).take().refuse_if_over()


def address_of(request: HttpRequest) -> str:
    """The client's address, as limits count it."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
