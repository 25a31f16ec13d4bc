"""The shared Redis cache (TUTORARC_CACHE_URL), with a local fallback while it is unavailable or slow.

It also counts for the rate limits, each time in one call: see tutorarc/http/counters.py.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tutorarc.db.circuit_breaker import CircuitBreaker
from tutorarc.db.request_costs import costs
from tutorarc.http.summary_log import SummaryLog

SLOW_SECONDS = 0.05  # a request makes several calls, and Redis usually answers within a millisecond
# A pooled connection may have died: retry once at once.
OPTIONS = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": Retry(NoBackoff(), 1)}

# `Limit.slide` and the counting. KEYS: the counters, each with a period and two numbers. ARGV: the number of events,
# 0 to read; then for each counter the present period, the seconds since its start, its length and the limit.
COUNT = """
local answer, events = {}, tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  local period, elapsed = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local seconds, number = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local stored = redis.call('HMGET', key, 'period', 'current', 'previous')
  local counted_in = tonumber(stored[1]) or 0
  local current, previous = tonumber(stored[2]) or 0, tonumber(stored[3]) or 0
  if period - counted_in == 1 then
    current, previous = 0, current
  elseif period - counted_in > 1 then
    current, previous = 0, 0
  end
  local refused = previous * (seconds - elapsed) + (current + 1) * seconds > number * seconds
  if events > 0 and not refused then
    current = current + events
    redis.call('HSET', key, 'period', math.max(period, counted_in), 'current', current, 'previous', previous)
    redis.call('EXPIRE', key, 2 * seconds)
  end
  answer[i] = {current, previous, refused and 1 or 0}
end
return answer
"""

failures = SummaryLog(logging.getLogger("tutorarc.cache"))
breaker = CircuitBreaker()  # shared by all threads, so that not every request waits


@contextmanager
def _watched() -> Iterator[None]:
    """Measure a call of Redis, and open the circuit breaker if it fails or is slow."""
    started, failure = time.perf_counter(), ""
    try:
        yield
    except RedisError as error:
        failure = type(error).__name__
        raise
    finally:
        seconds = time.perf_counter() - started
        costs.cache += seconds
        if seconds > SLOW_SECONDS:
            failure = failure or f"an answer took {seconds * 1000:.0f} ms"
        _note(failure)


def _note(failure: str) -> None:
    if failure:
        breaker.record_failure()
        failures.note("Redis is not used for now, and this process counts for itself: %s", failure)
    else:
        breaker.record_success()


class SharedCache(RedisCache):
    """Redis cache. While it is unavailable or slow each process counts for itself, so that requests go on."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": OPTIONS})
        self._fallback = LocMemCache("fallback", params)

    def _call(self, name: str, *args: Any, **options: Any) -> Any:
        if breaker.allows_call():
            with suppress(RedisError), _watched():
                return getattr(super(), name)(*args, **options)
        return getattr(self._fallback, name)(*args, **options)

    def count(self, keys: list[str], numbers: list[int]) -> list[tuple[int, int, int]]:
        """Run COUNT: current and previous number and whether one is refused, for each key. Empty without Redis."""
        if breaker.allows_call():
            with suppress(RedisError), _watched():
                client = self._cache.get_client(write=True)
                rows = client.register_script(COUNT)(keys=[self.make_key(key) for key in keys], args=numbers)
                return [(current, previous, refused) for current, previous, refused in rows]
        return []

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._call("get", key, default, version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Any:
        return self._call("add", key, value, timeout, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Any:
        return self._call("set", key, value, timeout, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._call("incr", key, delta, version)

    def delete(self, key: Any, version: int | None = None) -> Any:
        return self._call("delete", key, version)

    def clear(self) -> Any:
        return self._call("clear")
