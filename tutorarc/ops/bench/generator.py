"""Load generator: connections that each send prepared requests one after the other, in a process of its own.

Reads one JSON job per line from standard input and writes one JSON result per line. It doesn't use Django, and takes a
tenth of the server's time.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PATIENCE_SECONDS = 60


class Run:
    """Remaining requests and results."""

    def __init__(self, requests: Iterator[bytes], seconds: float) -> None:
        self.requests = requests
        self.end = time.perf_counter() + seconds
        self.milliseconds: list[float] = []
        self.statuses: dict[str, int] = {}

    def next(self) -> bytes | None:
        return next(self.requests, None) if time.perf_counter() < self.end else None

    def note(self, status: str, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.milliseconds.append(round(seconds * 1000, 3))


class Connection(asyncio.Protocol):
    """Connection that sends the next request when the last one was answered."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer = b""
        self.waiting = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        request = self.run.next()
        self.waiting = request is not None
        if request is None:
            self.transport.close()
        else:
            self.sent = time.perf_counter()
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if found and len(body) >= int(_length_of(head)):
            self.run.note(head[9:12].decode(), time.perf_counter() - self.sent)
            self.answer = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting:
            self.done.set_exception(error or ConnectionResetError("The server closed a connection in use."))
        else:
            self.done.set_result(None)


def _length_of(head: bytes) -> bytes:
    """Length of a response. Raises RuntimeError if it is unknown."""
    match = _LENGTH.search(head)
    if match is None:
        raise RuntimeError("An answer has no Content-Length.")
    return match[1]


async def load(job: dict[str, Any], clock: Callable[[], float] = time.perf_counter) -> dict[str, Any]:
    """`requests` once each, or over and over if they `repeat`, for at most `seconds`."""
    requests = [text.encode("latin-1") for text in job["requests"]]
    run = Run(cycle(requests) if job["repeat"] else iter(requests), job["seconds"])
    loop = asyncio.get_running_loop()
    started = clock()
    made = [
        await loop.create_connection(lambda: Connection(run), job["host"], job["port"])
        for _ in range(job["connections"])
    ]
    everyone = asyncio.gather(*(connection.done for _, connection in made))
    await asyncio.wait_for(everyone, job["seconds"] + PATIENCE_SECONDS)
    return {"seconds": clock() - started, "milliseconds": run.milliseconds, "statuses": run.statuses}


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asyncio.run(load(json.loads(line)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
