"""A lock that lets one process at a time migrate a database."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import Error

ADVISORY_LOCK = 8_305_172_946_038_512  # any number that nothing else locks
POLL_SECONDS = 0.2


@contextmanager
def migration_lock(connection: Any, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait until no other process migrates the database. `on_wait` is called once if one does."""
    hold = _advisory_lock if connection.vendor == "postgresql" else _directory_lock
    with hold(connection, on_wait):
        yield


@contextmanager
def _advisory_lock(connection: Any, on_wait: Callable[[], None]) -> Iterator[None]:
    """Polls: the other process's CREATE INDEX CONCURRENTLY would wait for a statement that waits for the lock."""

    def is_free() -> bool:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        _wait_until(is_free, on_wait)
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # a connection that is lost holds no lock
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


@contextmanager
def _directory_lock(connection: Any, on_wait: Callable[[], None]) -> Iterator[None]:
    """Of the directory that a SQLite file is in. SQLite would lose its own locks if the file were opened besides."""
    if connection.is_in_memory_db():
        yield
        return
    directory = os.open(Path(connection.settings_dict["NAME"]).absolute().parent, os.O_RDONLY)

    def is_free() -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    try:
        _wait_until(is_free, on_wait)
        yield
    finally:
        os.close(directory)


def _wait_until(is_free: Callable[[], bool], on_wait: Callable[[], None]) -> None:
    if is_free():
        return
    on_wait()
    while not is_free():
        time.sleep(POLL_SECONDS)
