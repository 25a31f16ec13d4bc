"""Counts the statements of each benchmarked call and their time, in a process of its own.

Takes the file that `load_demo --out` wrote; prints one line of JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test import Client

from tutorarc.ops.bench.calls import BASE, Call, Failed, Sent, Server, hot_calls

WARM_UP, COUNTED = 3, 10


class Counter:
    """Execute wrapper that counts statements and their time."""

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - started


class InProcess(Server):
    """Handler without a network."""

    def ask(self, sent: Sent) -> Any:
        headers = {"Host": self.host} | ({"X-API-Key": sent.key} if sent.key else {})
        response = Client(headers=headers).generic(
            sent.method, BASE + sent.path, sent.text, content_type="application/json"
        )
        if response.status_code not in (200, 201):
            raise Failed(f"{sent.method} {sent.path} answered {response.status_code}: {response.content[:300]!r}")
        return response.json()


def count(server: Server, call: Call) -> tuple[float, float]:
    """Statements and milliseconds of one call."""
    last = (call.requests * (WARM_UP + COUNTED))[-WARM_UP - COUNTED :]  # not used by the load
    for sent in last[:WARM_UP]:
        server.ask(sent)
    counted = last[WARM_UP:]
    counter = Counter()
    with connection.execute_wrapper(counter):
        for sent in counted:
            server.ask(sent)
    return round(counter.statements / len(counted), 1), round(counter.seconds / len(counted) * 1000, 2)


def main(handout: str) -> None:
    django.setup()
    server = InProcess("http://localhost", json.loads(Path(handout).read_text()))
    sys.stdout.write(json.dumps({call.name: count(server, call) for call in hot_calls(server)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
