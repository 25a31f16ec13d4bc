"""A connection that gives up on a server that hangs.

PostgreSQL's own limits (`tutorarc.db.timeouts`) end what is slow, and libpq's end a connection whose other machine is
gone. Neither ends the wait for a server that is frozen, for example by a disk: its machine still confirms every packet.
"""

import select
import time
from collections.abc import Generator
from typing import Any, ClassVar

import psycopg

from tutorarc.db.circuit_breaker import CircuitBreaker

SILENCE_SECONDS = 1.0  # after which a new connection shows whether the server hangs

breaker = CircuitBreaker()


class Connection(psycopg.Connection[Any]):
    """Checks, where a statement is not answered within a second, whether the server accepts a connection in time."""

    last_answer_at: ClassVar[float] = 0.0  # to any thread
    last_hang_at: ClassVar[float] = 0.0

    params: dict[str, Any]
    answer_timeout: float | None = None  # seconds; None where statements may take any time, as those of commands
    opened_at: float
    read_cursor: Any = None  # of compiled reads

    def close(self) -> None:
        self.read_cursor = None  # it refers to the connection, which would wait for the garbage collector
        super().close()

    @classmethod
    def open(cls, params: dict[str, Any], answer_timeout: float | None) -> "Connection":
        opened_at = time.monotonic()
        connection = cls.connect(**params)
        connection.params, connection.answer_timeout, connection.opened_at = params, answer_timeout, opened_at
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if self.answer_timeout is None:
            return super().wait(gen, interval, timeout)
        answer = super().wait(self._watch(gen, self.answer_timeout), interval, timeout)
        Connection.last_answer_at = time.monotonic()
        return answer

    def _watch(self, gen: Any, answer_timeout: float) -> Generator[Any, Any, Any]:
        """Run `gen`, which is resumed every 0.1 seconds without an answer. Raises OperationalError."""
        started_at = time.monotonic()
        ready = None
        while True:
            try:
                state = gen.send(ready)
            except StopIteration as done:
                return done.value
            ready = yield state
            if not ready:
                self._check_time(started_at, answer_timeout)

    def _check_time(self, started_at: float, answer_timeout: float) -> None:
        now = time.monotonic()
        if now > started_at + answer_timeout:
            self._give_up()
        if now > max(started_at, Connection.last_answer_at) + SILENCE_SECONDS:
            self._check_server(now)

    def _check_server(self, asked_at: float) -> None:
        """A refusal is an answer too, and so is an answer to this or another thread's statement in the meantime."""
        server = {"host": self.info.host, "hostaddr": self.info.hostaddr, "port": self.info.port}
        try:
            psycopg.connect(**self.params | server).close()
        except psycopg.errors.ConnectionTimeout:
            if Connection.last_answer_at < asked_at and not self.has_data():
                self._give_up()
        except psycopg.OperationalError:
            pass
        Connection.last_answer_at = time.monotonic()

    def _give_up(self) -> None:
        Connection.last_hang_at = time.monotonic()
        breaker.record_failure()
        self.close()
        raise psycopg.OperationalError("The database server does not answer.")

    def is_dead(self) -> bool:
        """Of an idle connection: closed, older than a hang of the server, or ended by the server or the network.

        The look at the socket costs a microsecond, where a query would cost a round trip.
        """
        return bool(self.closed) or self.opened_at <= Connection.last_hang_at or self.has_data()

    def has_data(self) -> bool:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))
