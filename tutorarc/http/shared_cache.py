"""The shared Redis cache (TUTORARC_CACHE_URL), with a local fallback while it is unavailable."""

import logging
import time
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger("tutorarc.cache")

SECONDS_LEFT_ALONE = 1.0
# A pooled connection may have died: retry once at once.
QUICKLY = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry": Retry(NoBackoff(), 1)}


class SharedCache(RedisCache):
    """Redis cache. While it is unavailable each process counts for itself, so that requests and limits go on."""

    left_alone_until: ClassVar[float] = 0.0  # shared by all threads, so that not every request waits

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": QUICKLY})
        self._stand_in = LocMemCache("stand-in", params)

    def _ask(self, name: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= SharedCache.left_alone_until:
            try:
                return getattr(super(), name)(*args, **options)
            except RedisError as error:
                SharedCache.left_alone_until = time.monotonic() + SECONDS_LEFT_ALONE
                log.warning("The shared cache is away: this process counts for itself: %s", type(error).__name__)
        return getattr(self._stand_in, name)(*args, **options)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Any:
        return self._ask("add", key, value, timeout, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> Any:
        return self._ask("set", key, value, timeout, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._ask("incr", key, delta, version)

    def delete(self, key: Any, version: int | None = None) -> Any:
        return self._ask("delete", key, version)

    def clear(self) -> Any:
        return self._ask("clear")
