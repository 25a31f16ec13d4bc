"""Django's PostgreSQL backend, but that nobody waits long for a server that isn't there.

A connection that died while it was idle is replaced before a request uses it: a look at its socket tells, which costs
a microsecond where a health check costs a round trip. A server that hangs is told from one that is slow or busy by its
silence: a busy one has answered some other thread meanwhile, or somebody comes to its door. The slow statement is left
to PostgreSQL's own limits (`timelimits`).
"""

import select
import time
from contextlib import suppress
from typing import Any, ClassVar

import psycopg
from django.db.backends.postgresql import base

from tutorarc.db.postgres.door import knock

# Together, and the longer knock alone, short of a second.
PATIENCE_SECONDS = 0.4  # for one answer, before the door is asked
KNOCK_SECONDS = 0.55
FIRST_KNOCK_SECONDS = 0.9  # by who has waited for nothing yet
SHORTEST_WAIT_SECONDS = 0.05
SECONDS_LEFT_ALONE = 1.0


class Connection(psycopg.Connection):
    """Raises OperationalError where an answer is late, no other thread got one, and nobody comes to the door either."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            answer = super().wait(gen, interval, PATIENCE_SECONDS)
        except psycopg.errors._WaitTimeout:
            answer = self._wait_on(_resumed(gen), interval, time.monotonic() - PATIENCE_SECONDS)
        DatabaseWrapper.hear()
        return answer

    def _wait_on(self, resumed: Any, interval: float, silent_since: float) -> Any:
        while True:
            silent_since = self._last_sign_of_life(silent_since)
            patience = max(silent_since + PATIENCE_SECONDS - time.monotonic(), SHORTEST_WAIT_SECONDS)
            with suppress(psycopg.errors._WaitTimeout):
                return super().wait(resumed, interval, patience)

    def _last_sign_of_life(self, silent_since: float) -> float:
        """The door is the last to be asked: on a busy machine it may answer later than the statement does."""
        if DatabaseWrapper.heard_at <= silent_since:
            try:
                knock(self.info.hostaddr or self.info.host, self.info.port, KNOCK_SECONDS)
            except OSError:
                if DatabaseWrapper.heard_at <= silent_since and not _has_something_to_read(self):
                    DatabaseWrapper.leave_alone()
                    self.pgconn.finish()
                    raise psycopg.OperationalError("The database doesn't answer.") from None
            else:
                DatabaseWrapper.hear()
        return max(DatabaseWrapper.heard_at, silent_since)


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
    """What one thread finds out about the server, all threads of the process know."""

    heard_at: ClassVar[float] = 0.0
    left_alone_until: ClassVar[float] = 0.0  # not each request waits for a server that hangs

    @staticmethod
    def hear() -> None:
        """A server that answers anybody is there for everybody."""
        DatabaseWrapper.heard_at = time.monotonic()
        if DatabaseWrapper.left_alone_until:
            DatabaseWrapper.left_alone_until = 0.0

    @staticmethod
    def leave_alone() -> None:
        DatabaseWrapper.left_alone_until = time.monotonic() + SECONDS_LEFT_ALONE

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if time.monotonic() < self.left_alone_until:
            raise psycopg.OperationalError("The database didn't answer a moment ago.")
        self._refuse_if_asleep(conn_params.get("host", ""), conn_params.get("port") or 5432)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)

    def _refuse_if_asleep(self, host: str, port: int | str) -> None:
        """psycopg would wait for two seconds at least. Nobody there at all is its to tell: that takes no time."""
        started = time.monotonic()
        try:
            if host and "," not in host:
                knock(host, port, FIRST_KNOCK_SECONDS)
        except TimeoutError:
            if DatabaseWrapper.heard_at > started:
                return
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
    return bool(connection.closed) or _has_something_to_read(connection)


def _has_something_to_read(connection: psycopg.Connection) -> bool:
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
