"""Recognising database errors that are temporary: lost connections, timeouts, deadlocks."""

from django.db import InterfaceError, InternalError, OperationalError

RETRY_AFTER_SECONDS = 5
# InternalErrors that are temporary: read-only server (failover), idle transaction terminated.
INTERNAL_BUT_PASSING = {"25006", "25P03"}


def is_outage(error: BaseException | None) -> bool:
    """Whether the error is a lost or refused connection, a timeout or a deadlock."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) in INTERNAL_BUT_PASSING
    return isinstance(error, OperationalError | InterfaceError)
