"""Fast loading of times from PostgreSQL by psycopg's C loader."""

from datetime import UTC
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format

TIMESTAMPTZ_OID = psycopg.adapters.types["timestamptz"].oid
LOADER: Any = psycopg.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT)


class UtcLoader(Loader):
    """psycopg's loader instead of Django's, which converts each time in Python."""

    timezone = UTC  # attribute used by Django

    def __new__(cls, *context: Any) -> Any:
        return LOADER(*context)


def read_in_utc(connection: Any, **signal: Any) -> None:
    """Register the loader on a new connection."""
    if connection.vendor == "postgresql" and connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)
