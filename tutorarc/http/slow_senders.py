"""Ends connections whose clients send their requests too slowly.

Reading a body through WSGI has no time limit: the thread waits as long as the client pleases. So while threads wait for
bodies, the kernel's figures of all connections of the server (TCP_INFO) are checked every second. The reading half of a
slow one is shut down: the thread that waits sees the end of the body, and can still answer.
"""

import os
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread, get_ident
from typing import NamedTuple

from django.conf import settings

BYTES_PER_SECOND = 4096  # a body that comes faster may take longer than the time-out
IS_POSSIBLE = sys.platform == "linux"
FILES = "/proc/self/fd"
# Of struct tcp_info in linux/tcp.h: milliseconds since data was last sent and received, and the bytes received.
TCP_INFO = struct.Struct("44x I 4x I 72x Q")


def allowed_seconds(received: int) -> float:
    """How long the client may take for so many bytes."""
    return settings.BODY_TIMEOUT + received / BYTES_PER_SECOND


class Watched(NamedTuple):
    """When a connection that waits for an answer was first seen, and the bytes received from it until then."""

    since: float
    received: int


class SlowSenders:
    def __init__(self) -> None:
        self.working: dict[int, float] = {}  # when threads began to work on a request whose body is there
        self._reading: dict[int, float] = {}  # when threads began to wait for a body
        self._watched: dict[object, Watched] = {}  # by the client's address and port
        self._port: int | None = None

    @contextmanager
    def reading(self, port: int) -> Iterator[None]:
        """While this thread reads a body, with the port of the server."""
        if self._port is None and IS_POSSIBLE:
            self._port = port
            Thread(target=self._watch, daemon=True, name="slow-senders").start()
        self._reading[get_ident()] = time.monotonic()
        try:
            yield
        finally:
            del self._reading[get_ident()]

    def _watch(self) -> None:
        while True:
            time.sleep(1)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Shut down what is too slow. Nothing, while a request is worked on for so long that it looks slow itself."""
        if not _is_any_older(self._reading, 1, now) or _is_any_older(self.working, settings.BODY_TIMEOUT, now):
            self._watched.clear()
            return
        before, self._watched = self._watched, {}
        for connection in _connections(self._port):
            with suppress(OSError):  # the connection has ended meanwhile
                self._check(connection, before, now)

    def _check(self, connection: socket.socket, before: dict[object, Watched], now: float) -> None:
        client = connection.getpeername()
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
        sent_ago, received_ago, received = TCP_INFO.unpack(info)
        is_unanswered = received_ago <= sent_ago
        watched = before.get(client) if is_unanswered else None
        self._watched[client] = watched = watched or Watched(now, received)
        is_silent = (
            min(sent_ago, received_ago) > settings.BODY_TIMEOUT * 1000
        )  # a keep-alive connection may be closed as well
        if is_silent or now - watched.since > allowed_seconds(received - watched.received):
            connection.shutdown(socket.SHUT_RD)


def _is_any_older(started: dict[int, float], seconds: float, now: float) -> bool:
    return any(now - since > seconds for since in list(started.values()))


def _connections(port: int | None) -> Iterator[socket.socket]:
    """Copies of the sockets of this process that are bound to the port, closed after use."""
    for name in os.listdir(FILES):
        with suppress(OSError):
            if not os.readlink(f"{FILES}/{name}").startswith("socket:"):
                continue
            with socket.socket(fileno=os.dup(int(name))) as connection:
                if connection.family != socket.AF_UNIX and connection.getsockname()[1] == port:
                    yield connection
