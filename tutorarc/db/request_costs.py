"""What the current request has cost so far, for its line in the access log.

It stands here because the database backend adds to it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class RequestCosts(threading.local):
    """Of the request that this thread handles. Times are in seconds."""

    statements = 0
    database = 0.0  # in statements; on PostgreSQL also in connecting, committing and rolling back
    cache = 0.0  # in the shared cache

    def reset(self) -> None:
        self.statements, self.database, self.cache = 0, 0.0, 0.0


costs = RequestCosts()


def measure_statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """For Django's `connection.execute_wrapper`."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        costs.statements += 1
        costs.database += time.perf_counter() - started


@contextmanager
def database_time() -> Iterator[None]:
    """Measure what is no statement."""
    started = time.perf_counter()
    try:
        yield
    finally:
        costs.database += time.perf_counter() - started
