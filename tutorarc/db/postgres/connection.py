"""A connection that gives up on a server that hangs.

PostgreSQL's own limits (`tutorarc.db.timeouts`) stop slow statements. libpq's limits close a connection to a machine
that is gone. Neither ends the wait for a server that is frozen, for example by a disk: its machine still confirms every
packet.
"""

import select
import time
from collections.abc import Generator
from typing import Any

import psycopg

from tutorarc.db.circuit_breaker import CircuitBreaker

SILENCE_SECONDS = 1.0  # after which a new connection shows whether the server hangs

breaker = CircuitBreaker()


class Server:
    """When the server last answered and last hung, for all threads. Times are of `time.monotonic()`."""

    last_answer_at = 0.0
    last_hang_at = 0.0


server = Server()  # an instance, because setting a class attribute empties Python's cache of methods


class Connection(psycopg.Connection[Any]):
    """Checks, where a statement is not answered within a second, whether the server accepts a connection in time."""

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
        server.last_answer_at = time.monotonic()
        return answer

    def _watch(self, gen: Any, answer_timeout: float) -> Generator[Any, Any, Any]:
        """Run `gen`, and look at the time whenever 0.1 seconds pass without data. Raises OperationalError."""
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
        if now > max(started_at, server.last_answer_at) + SILENCE_SECONDS:
            self._check_server(now)

    def _check_server(self, asked_at: float) -> None:
        """Give up if the server accepts no connection and answered no thread since. A refused one is an answer too."""
        address = {"host": self.info.host, "hostaddr": self.info.hostaddr, "port": self.info.port}
        try:
            psycopg.connect(**self.params | address).close()
        except psycopg.errors.ConnectionTimeout:
            if server.last_answer_at < asked_at and not self.has_data():
                self._give_up()
        except psycopg.OperationalError:
            pass
        server.last_answer_at = time.monotonic()

    def _give_up(self) -> None:
        server.last_hang_at = time.monotonic()
        breaker.record_failure()
        self.close()
        raise psycopg.OperationalError("The database server does not answer.")

    def is_dead(self) -> bool:
        """Of an idle connection: closed, older than a hang of the server, or ended by the server or the network.

        The look at the socket costs a microsecond, where a query would cost a round trip.
        """
        return bool(self.closed) or self.opened_at <= server.last_hang_at or self.has_data()

    def has_data(self) -> bool:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))
