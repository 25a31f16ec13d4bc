"""Log messages that every request may cause, limited to one line a second."""

import logging
import time
from threading import Lock

INTERVAL_SECONDS = 1.0


class SummaryLog:
    """Logs a message at once, and then at most once a second with the number of times since the last line."""

    def __init__(self, log: logging.Logger, level: int = logging.WARNING) -> None:
        self._log, self._level, self._lock = log, level, Lock()
        self._count, self._next_line = 0, 0.0

    def note(self, message: str, *args: object) -> None:
        with self._lock:
            self._count += 1
            now = time.monotonic()
            if now < self._next_line:
                return
            count, self._count, self._next_line = self._count, 0, now + INTERVAL_SECONDS
        self._log.log(self._level, message, *args, extra={"context": {"times": count}})
