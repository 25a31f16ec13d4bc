"""Times from PostgreSQL, read by psycopg in C: a page of classes holds more of them than of anything else."""

from datetime import UTC
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format

TIMESTAMPTZ_OID = psycopg.adapters.types["timestamptz"].oid
LOADER: Any = psycopg.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT)


class UtcLoader(Loader):
    """psycopg's own, instead of Django's, which puts each time into UTC, where it is already, in Python."""

    timezone = UTC  # Django looks here

    def __new__(cls, *context: Any) -> Any:
        return LOADER(*context)


def read_in_utc(connection: Any, **signal: Any) -> None:
    """For each connection that is made."""
    if connection.vendor == "postgresql" and connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)
