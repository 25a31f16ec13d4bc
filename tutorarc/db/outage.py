"""Recognising database errors that are temporary: lost connections, timeouts, deadlocks, migrations under way."""

from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

RETRY_AFTER_SECONDS = 5
# PostgreSQL's temporary errors that Django does not report as an OperationalError, by SQLSTATE.
TEMPORARY_STATES = {
    "25006",  # read-only server: a failover is under way
    "25P03",  # idle transaction terminated
    # The tables are not those of this version: a migration or a restore is under way. /readyz reports it.
    "42703",  # undefined column
    "42P01",  # undefined table
    "42804",  # wrong type
    "42883",  # undefined operator, because a column has another type
}


def is_outage(error: BaseException | None) -> bool:
    """Whether the error is a lost or refused connection, a timeout, a deadlock or a schema that is being changed."""
    if isinstance(error, InternalError | ProgrammingError):
        return getattr(error.__cause__, "sqlstate", None) in TEMPORARY_STATES
    return isinstance(error, OperationalError | InterfaceError)
