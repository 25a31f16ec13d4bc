"""Django's PostgreSQL backend, with bounded waits and without a round trip to check each connection.

- A connection that died while it was idle is replaced before a request uses it.
- Name look-ups take a second at most, attempts to connect as long as `connect_timeout` says.
- After an attempt that failed, others fail at once for a second (`tutorarc.db.circuit_breaker`).
- The wait for an answer ends where the server hangs (`connection`).
- Prepared statements survive a change of the schema (`cursor`).
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from tutorarc.db.postgres.connection import Connection, breaker
from tutorarc.db.postgres.cursor import Cursor
from tutorarc.db.postgres.host_lookup import with_host_addresses
from tutorarc.db.request_costs import database_time


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if params["cursor_factory"] is base.ServerBindingCursor:
            params["cursor_factory"] = Cursor
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Raises OperationalError."""
        if not breaker.allows_call():
            raise psycopg.OperationalError("The database could not be reached a moment ago.")
        params = conn_params.copy()
        answer_timeout = params.pop("answer_timeout", None)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            with database_time():
                connection = Connection.open(with_host_addresses(params), answer_timeout)
        except psycopg.OperationalError:
            breaker.record_failure()
            raise
        breaker.record_success()
        return connection

    def read_cursor(self) -> Any:
        """One cursor for all compiled reads of the connection. Fetch all rows of a read before the next one.

        A new cursor looks up how to read each type of column, which takes a tenth of the time of a small read.
        """
        self.ensure_connection()
        if self.queries_logged:
            return self.cursor()
        if self.connection.read_cursor is None:
            self.connection.read_cursor = self.cursor()
        return self.connection.read_cursor

    def commit(self) -> None:
        with database_time():
            super().commit()

    def rollback(self) -> None:
        with database_time():
            super().rollback()

    def is_usable(self) -> bool:
        """Django calls this after an error. A look at the socket is enough; Django itself would run a query."""
        return self.connection is not None and not self.connection.is_dead()

    def close_if_unusable_or_obsolete(self) -> None:
        """Called before each request."""
        if self.connection is not None and not self.in_atomic_block and self.connection.is_dead():
            self.close()
        super().close_if_unusable_or_obsolete()
