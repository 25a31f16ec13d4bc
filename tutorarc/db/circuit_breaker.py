"""A circuit breaker: after a failure, calls fail at once for a second instead of waiting for the same failure."""

import threading
import time


class CircuitBreaker:
    """Shared by all threads of a process. While a failure lasts, one caller a second tries again."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._retry_at: float | None = None  # None: closed, everybody may try

    def allows_call(self) -> bool:
        """Whether the caller may try. It then reports a success or a failure."""
        with self._lock:
            if self._retry_at is None:
                return True
            if time.monotonic() < self._retry_at:
                return False
            self._retry_at = time.monotonic() + self.seconds
            return True

    def record_failure(self) -> None:
        with self._lock:
            self._retry_at = time.monotonic() + self.seconds

    def record_success(self) -> None:
        with self._lock:
            self._retry_at = None
