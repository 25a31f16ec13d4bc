"""Telling a database that is away, or too busy to answer in time, from a fault of our own."""

from django.db import InterfaceError, InternalError, OperationalError

RETRY_AFTER_SECONDS = 5
# To PostgreSQL these are no OperationalErrors: a server that only reads (a fail-over under way), a transaction cut off.
INTERNAL_BUT_PASSING = {"25006", "25P03"}


def is_outage(error: BaseException | None) -> bool:
    """Lost and refused connections, time limits and deadlocks: what may well work in a moment."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) in INTERNAL_BUT_PASSING
    return isinstance(error, OperationalError | InterfaceError)
