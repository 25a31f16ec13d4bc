"""The receivers in docs/webhooks.md accept what is signed with their secret, once for each event, and nothing else."""

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from standardwebhooks.webhooks import Webhook

from tutorarc.ops.server_process import free_port
from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.ops.documents import DOCS, blocks

pytestmark = pytest.mark.slow

SECRET, OTHER_SECRET = (f"whsec_{b64encode(bytes([byte]) * 32).decode()}" for byte in (1, 2))
EVENT = {"id": "evt_123", "type": "membership.approved", "data": {"status": "APPROVED", "title": "Größe"}}
BODY = json.dumps(EVENT, ensure_ascii=False).encode()


class Receiver:
    """A running program. `received` ends it, and returns the events that it handled."""

    def __init__(self, command: list[str]) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}/"
        env = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def post(self, body: bytes = BODY, **headers: str) -> int:
        named = {f"webhook-{name}": value for name, value in headers.items()}
        for _ in range(200):
            try:
                return requests.post(self.url, data=body, headers=named, timeout=10).status_code
            except requests.ConnectionError:
                time.sleep(0.05)
        raise TimeoutError(self.url)

    def received(self) -> list[str]:
        self.process.kill()
        return self.process.communicate()[0].splitlines()


def program(language: str) -> str:
    [text] = [block.text for block in blocks(DOCS / "webhooks.md") if block.language == language]
    return text


@pytest.fixture(params=["python", "typescript"])
def receiver(request: Any, tmp_path: Any) -> Iterator[Receiver]:
    if request.param == "python":
        (tmp_path / "receiver.py").write_text(program("python"))
        command = [sys.executable, str(tmp_path / "receiver.py")]
    else:
        command = [need("node"), compiled(program("typescript"), request.getfixturevalue("node_tools"))]
    running = Receiver(command)
    yield running
    running.process.kill()
    running.process.wait()


def compiled(source: str, tools: Any) -> str:
    """Strictly and unchanged."""
    (tools / "receiver.ts").write_text(source)
    compiler = [str(tools / "node_modules/.bin/tsc"), "--strict", "--module", "nodenext", "--target", "es2022"]
    run([*compiler, "--skipLibCheck", "--types", "node", "receiver.ts"], tools)
    return str(tools / "receiver.js")


def signed(*secrets: str, at: datetime | None = None) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    signatures = [Webhook(secret).sign(EVENT["id"], moment, BODY.decode()) for secret in secrets]
    return {"id": EVENT["id"], "timestamp": str(int(moment.timestamp())), "signature": " ".join(signatures)}


def test_it_accepts_signed_events_once_and_nothing_else(receiver: Receiver) -> None:
    good = signed(SECRET)
    answers = {
        "signed": receiver.post(**good),
        "again": receiver.post(**good),
        "during a rotation": receiver.post(**signed(OTHER_SECRET, SECRET)),
        "with another secret": receiver.post(**signed(OTHER_SECRET)),
        "changed": receiver.post(BODY.replace(b"APPROVED", b"REJECTED"), **good),
        "with another id": receiver.post(**{**good, "id": "evt_456"}),
        "old": receiver.post(**signed(SECRET, at=datetime.now(UTC) - timedelta(minutes=6))),
        "malformed": receiver.post(**{**good, "signature": "v1"}),
        "not signed": receiver.post(),
        "not UTF-8": receiver.post(b"\xff", **good),
    }
    accepted = {"signed", "again", "during a rotation"}
    assert answers == {name: 204 if name in accepted else 400 for name in answers}
    assert receiver.received() == ["membership.approved evt_123"]
