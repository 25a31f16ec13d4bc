"""Where limits are counted.

Requests are counted in Redis; without it each process counts on its own, because every request would write a row.
Guesses are counted in Redis; without it in the database, so that their limits hold over all processes.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from django.conf import settings
from django.core.cache import cache

from tutorarc.domain.sliding_window import Limit, Usage
from tutorarc.models.limit_count import LimitCount

MAX_COUNTERS = 100_000  # of one process


class Counters(Protocol):
    def read(self, limits: Sequence[Limit], now: int) -> list[Usage]:
        """What is counted for each limit."""

    def add(self, limits: Sequence[Limit], now: int, events: int = 1) -> list[Usage]:
        """Count so many events for each limit. The last one may exceed it."""


class ProcessCounters:
    """Counters of this process, shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[int, int, int, int]] = {}  # period, current and previous number, expiry

    def read(self, limits: Sequence[Limit], now: int) -> list[Usage]:
        return [self._usage(limit, limit.key, now) for limit in limits]

    def add(self, limits: Sequence[Limit], now: int, events: int = 1) -> list[Usage]:
        with self._lock:
            return [self._add(limit, now, events) for limit in limits]

    def clear(self) -> None:
        self._rows.clear()

    def _usage(self, limit: Limit, key: str, now: int) -> Usage:
        period, current, previous, _ = self._rows.get(key, (0, 0, 0, 0))
        return limit.slide(period, current, previous, now)

    def _add(self, limit: Limit, now: int, events: int) -> Usage:
        key = limit.key
        usage = self._usage(limit, key, now)
        if usage.refused:
            return usage
        if len(self._rows) >= MAX_COUNTERS:
            self._forget_expired(now)
        current = usage.current + events
        self._rows[key] = (limit.period(now), current, usage.previous, limit.expiry(now))
        return Usage(current, usage.previous)

    def _forget_expired(self, now: int) -> None:
        """Forget all if none is expired: more callers than this within two minutes are no ordinary ones."""
        kept = {key: row for key, row in self._rows.items() if row[3] > now}
        self._rows = kept if len(kept) < MAX_COUNTERS else {}


class RedisCounters:
    """Counters in Redis, and others while it is unavailable or slow."""

    def __init__(self, redis: Any, fallback: Counters) -> None:
        self.redis = redis
        self.fallback = fallback

    def read(self, limits: Sequence[Limit], now: int) -> list[Usage]:
        return self._count(limits, now, 0) or self.fallback.read(limits, now)

    def add(self, limits: Sequence[Limit], now: int, events: int = 1) -> list[Usage]:
        return self._count(limits, now, events) or self.fallback.add(limits, now, events)

    def _count(self, limits: Sequence[Limit], now: int, events: int) -> list[Usage]:
        """Usage of each limit, in one call of Redis; empty while it is not used."""
        numbers = [(limit.period(now), now % limit.seconds, limit.seconds, limit.number) for limit in limits]
        rows = self.redis.count(
            [limit.key for limit in limits], [events, *(number for row in numbers for number in row)]
        )
        return [Usage(current, previous, bool(refused)) for current, previous, refused in rows]


in_process = ProcessCounters()


def request_counters() -> Counters:
    """Counters of requests."""
    return RedisCounters(cache, in_process) if _has_redis() else in_process


def guess_counters() -> Counters:
    """Counters of guesses, which all processes share."""
    in_database = LimitCount.objects.all()
    return RedisCounters(cache, in_database) if _has_redis() else in_database


def _has_redis() -> bool:
    return str(settings.CACHES["default"]["BACKEND"]).endswith(".SharedCache")  # `cache` itself is slow to ask


def now() -> int:
    return int(time.time())
