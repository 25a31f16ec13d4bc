"""Django's SQLite backend, for files that only their owner can read and write, whatever the umask."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

BESIDE = ("-wal", "-shm", "-journal")


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """SQLite gives new files beside the database the permissions of the database."""
        name = str(conn_params["database"])
        if not self.is_in_memory_db() and not name.startswith("file:"):
            _create_private(name)
            for file in (name, *(name + suffix for suffix in BESIDE)):
                _remove_access_of_others(Path(file))
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        return connection


def _create_private(name: str) -> None:
    """Create the file unless it exists. Where that is impossible, SQLite says so.

    A file that exists is not opened: to close it would end the locks of other connections of this process, and then
    another process would delete what they write (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    with suppress(OSError):
        os.close(os.open(name, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _remove_access_of_others(file: Path) -> None:
    """A file of another owner, or on a read-only disk, stays as it is."""
    with suppress(OSError):
        mode = file.stat().st_mode & 0o777
        if mode & 0o077:
            file.chmod(mode & 0o700)
