"""A cursor whose prepared statements survive a change of the schema."""

from typing import Any

import psycopg
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg.pq import TransactionStatus


class StalePlan(psycopg.OperationalError):
    """A statement that was prepared before a change of the schema. It can be run again in a new transaction."""


class Cursor(ServerBindingCursor, psycopg.Cursor[Any]):  # the second for the type checker
    """Prepares its statement again if PostgreSQL says that the old plan is out of date.

    Outside a transaction the statement runs again. Inside one, the whole transaction has failed: the request is
    answered 503, and the rollback makes psycopg drop its prepared statements.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        try:
            return super().execute(query, params, **options)
        except psycopg.Error as error:
            if not is_stale(error):
                raise
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise StalePlan(str(error)) from error
        self.connection.execute("DEALLOCATE ALL")  # psycopg then forgets them too
        return super().execute(query, params, **options)


def is_stale(error: psycopg.Error) -> bool:
    """Whether a prepared statement returns other types than before, or is gone from the session."""
    if isinstance(error, psycopg.errors.FeatureNotSupported):
        return error.diag.source_function == "RevalidateCachedQuery"  # the message depends on the server's language
    return isinstance(error, psycopg.errors.InvalidSqlStatementName)
