"""Django's PostgreSQL backend, but that nobody waits long for a server that isn't there.

A connection that died while it was idle is replaced before a request uses it: a look at its socket tells, which costs
a microsecond where a health check costs a round trip. A server that hangs is told from a statement that is slow by
asking at its door; the slow statement is left to PostgreSQL's own limits (`timelimits`).
"""

import select
import time
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base

from tutorarc.postgres.door import knock

PATIENCE_SECONDS = 0.4  # for one answer, before the door is asked
SECONDS_LEFT_ALONE = 1.0


class Connection(psycopg.Connection):
    """Raises OperationalError where an answer is late and nobody comes to the door either."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, PATIENCE_SECONDS)
        except psycopg.errors._WaitTimeout:
            self._give_up_unless_somebody_is_there()
        resumed = _resumed(gen)
        while True:
            try:
                return super().wait(resumed, interval, PATIENCE_SECONDS)
            except psycopg.errors._WaitTimeout:
                self._give_up_unless_somebody_is_there()

    def _give_up_unless_somebody_is_there(self) -> None:
        try:
            knock(self.info.hostaddr or self.info.host, self.info.port)
        except OSError:
            DatabaseWrapper.leave_alone()
            self.pgconn.finish()
            raise psycopg.OperationalError("The database doesn't answer.") from None


def _resumed(gen: Any) -> Any:
    """A statement that is waited for anew: told that nothing is ready yet, where a new one is told nothing.

    Its sending, which takes longer than our patience where there is much to send, breaks on the difference.
    """
    ready = 0
    while True:
        try:
            state = gen.send(ready)
        except StopIteration as done:
            return done.value
        ready = (yield state) or 0


class DatabaseWrapper(base.DatabaseWrapper):
    left_alone_until: ClassVar[float] = 0.0  # for all threads: not each request waits for a server that hangs

    @classmethod
    def leave_alone(cls) -> None:
        cls.left_alone_until = time.monotonic() + SECONDS_LEFT_ALONE

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if time.monotonic() < self.left_alone_until:
            raise psycopg.OperationalError("The database didn't answer a moment ago.")
        self._refuse_if_asleep(conn_params.get("host", ""), conn_params.get("port") or 5432)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)

    def _refuse_if_asleep(self, host: str, port: int | str) -> None:
        """psycopg would wait for two seconds at least. Nobody there at all is its to tell: that takes no time."""
        try:
            if host and "," not in host:
                knock(host, port)
        except TimeoutError:
            self.leave_alone()
            raise psycopg.OperationalError("The database doesn't answer.") from None
        except OSError:
            pass

    def close_if_unusable_or_obsolete(self) -> None:
        """Django calls this before and after each request."""
        if self.connection is not None and not self.in_atomic_block and _is_dead(self.connection):
            self.close()
        super().close_if_unusable_or_obsolete()


def _is_dead(connection: psycopg.Connection) -> bool:
    """An idle connection has nothing to read, unless the server said good-bye or the line is gone."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
