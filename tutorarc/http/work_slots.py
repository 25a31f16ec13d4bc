"""How many requests a process works on at the same time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, local
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from tutorarc.http.early_refusal import Environ, StartResponse

LANES = 256
NEEDS_NO_DATABASE = "/healthz"


class Lane:
    """The requests of some callers: how many more of them may be worked on at once."""

    def __init__(self, places: int) -> None:
        self.places = places


class Waiting:
    """A thread that waits for a slot, until `turn` is released."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.connection: Any = None
        self.turn = Lock()
        self.turn.acquire()


class WorkSlots:
    """WSGI middleware that lets a few threads work at once. Each slot has a database connection.

    The server has many more threads, most of which wait for bodies. So the connection belongs to the slot and not, as
    usual in Django, to the thread. Requests with the same credential share a lane, which has one slot less than there
    are: whatever one caller sends, others find a slot.

    A free slot goes to the thread that has waited longest. If threads competed for it, some would wait for long.
    """

    def __init__(self, application: Callable[..., Any], slots: int) -> None:
        self.application = application
        self.thread = local()  # its `lane`, while the thread has a slot
        self.lock = Lock()  # of all that follows
        self.free: list[Any] = []
        for _ in range(slots):
            connection = connections.create_connection(DEFAULT_DB_ALIAS)
            connection.inc_thread_sharing()
            self.free.append(connection)
        self.lanes = [Lane(max(slots - 1, 1)) for _ in range(LANES)]
        self.waiting: list[Waiting] = []  # who has waited longest comes first

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == NEEDS_NO_DATABASE:
            return self.application(environ, start_response)
        self._take(self.lanes[hash(_caller(environ)) % LANES])
        try:
            response = self.application(environ, start_response)
        except BaseException:
            self._give_back()
            raise
        # A file needs no database: a client that reads it slowly must hold no slot.
        if getattr(response, "streaming", False) and getattr(response, "file_to_stream", None) is None:
            return Streamed(response, self._give_back)
        self._give_back()
        return response

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Lend the slot of this thread to other requests, unless a transaction is open on its connection."""
        if not getattr(self.thread, "lane", None) or connections[DEFAULT_DB_ALIAS].in_atomic_block:
            yield
            return
        lane = self._give_back()
        try:
            yield
        finally:
            self._take(lane)
            connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()

    def _take(self, lane: Lane) -> None:
        waiting = Waiting(lane)
        with self.lock:
            self.waiting.append(waiting)
            self._hand_over()
        waiting.turn.acquire()
        connections[DEFAULT_DB_ALIAS] = waiting.connection
        self.thread.lane = lane

    def _give_back(self) -> Lane:
        lane: Lane = self.thread.lane
        self.thread.lane = None
        connection = connections[DEFAULT_DB_ALIAS]
        del connections[DEFAULT_DB_ALIAS]  # or this thread would use it without a slot
        with self.lock:
            self.free.append(connection)
            lane.places += 1
            self._hand_over()
        return lane

    def _hand_over(self) -> None:
        """Give a free slot to the first waiting thread whose lane has a place."""
        if self.free and (waiting := next((one for one in self.waiting if one.lane.places), None)):
            self.waiting.remove(waiting)
            waiting.lane.places -= 1
            waiting.connection = self.free.pop()
            waiting.turn.release()


def _caller(environ: Environ) -> str:
    """What tells callers apart before they are known. Not to be trusted: false ones only get another lane."""
    for name in ("HTTP_X_API_KEY", "HTTP_COOKIE", "HTTP_X_FORWARDED_FOR"):
        if given := environ.get(name):
            return given
    return environ.get("REMOTE_ADDR", "")


class Streamed:
    """A response whose content is made while it is sent. It keeps its slot until then."""

    def __init__(self, response: Any, release: Callable[[], object]) -> None:
        self.response, self.release = response, release

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> None:
        try:
            self.response.close()
        finally:
            self.release()
