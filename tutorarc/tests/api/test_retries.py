"""The programs in docs/clients.md try again when they should, as the same request, and give up when it is no use."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.ops.documents import DOCS, blocks

ERROR = {"status": "error", "error": {"code": "CONFLICT", "reason": "class_archived", "message": "No."}}
PROGRAMS = {"python": ("retry.py", sys.executable), "javascript": ("retry.mjs", "node")}


class Server(HTTPServer):
    """Gives the statuses in turn, and keeps each request's idempotency key and body."""

    statuses: list[int]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str | None, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.headers["Idempotency-Key"], body))
        status = self.server.statuses.pop(0)
        answer = json.dumps({"title": "Algorithms 101"} if status == 201 else ERROR).encode()
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """No log."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=PROGRAMS)
def call(request, server, tmp_path):
    """`call(statuses)` runs a program against a server that gives these statuses."""
    name, interpreter = PROGRAMS[request.param]
    programs = [block.text for block in blocks(DOCS / "clients.md") if block.language == request.param]
    [source] = [text for text in programs if "Idempotency-Key" in text]
    (tmp_path / name).write_text(source.replace("http://localhost:8000", f"http://127.0.0.1:{server.server_port}"))

    def run_with(statuses: list[int]) -> str:
        server.statuses = list(statuses)
        return run([need(interpreter), name], tmp_path)

    return run_with


def test_a_busy_server_is_asked_again_with_the_same_key(call, server):
    assert "Algorithms 101" in call([503, 429, 201])
    assert len(server.received) == 3
    [(key, body)] = set(server.received)
    assert (len(key or ""), json.loads(body)) == (36, {"title": "Algorithms 101"})


@pytest.mark.parametrize(("statuses", "status"), [([409], 409), ([503] * 5, 503)])
def test_an_error_that_stays_is_told_by_its_reason(call, server, statuses, status):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        call(statuses)
    assert f"Error: {status} class_archived: No." in failed.value.stderr
    assert server.statuses == []
