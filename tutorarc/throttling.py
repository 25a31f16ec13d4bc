"""Limits in fixed windows of a minute: one counter for each caller, whatever the number of requests."""

import time

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

WINDOW_SECONDS = 60


class FixedWindow:
    """Counts what one caller does in the running minute. Without a shared cache each process counts for itself."""

    def __init__(self, name: str, caller: str, limit: int) -> None:
        self.limit = limit
        self.reset_in = WINDOW_SECONDS - int(time.time()) % WINDOW_SECONDS
        self.key = f"{name}:{caller}:{int(time.time()) // WINDOW_SECONDS}"

    def refuse_if_spent(self) -> None:
        """Raises Throttled, without counting."""
        if cache.get(self.key, 0) >= self.limit:
            raise Throttled(wait=self.reset_in)

    def count(self) -> None:
        """Count one. Raises Throttled for the first one too many."""
        cache.add(self.key, 0, timeout=2 * WINDOW_SECONDS)
        if cache.incr(self.key) > self.limit:
            raise Throttled(wait=self.reset_in)


def address_of(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")
