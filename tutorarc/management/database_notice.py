"""The line on standard error that says which database a command uses."""

import os
import sys
from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created


def announce_database() -> None:
    """Write the line when the command first connects: a command that uses no database writes none."""
    connection_created.connect(_write)


def _write(connection: Any, **signal: Any) -> None:
    connection_created.disconnect(_write)
    default = "" if os.environ.get("DATABASE_URL") else " (the default, because DATABASE_URL is not set)"
    sys.stderr.write(f"Database: {_describe(connection)}{default}\n")


def _describe(connection: Any) -> str:
    if connection.vendor == "sqlite":
        return f"SQLite, {Path(connection.settings_dict['NAME']).absolute()}"
    info = connection.connection.info
    return f"PostgreSQL, {info.dbname} at {info.host}:{info.port} as {info.user}"
