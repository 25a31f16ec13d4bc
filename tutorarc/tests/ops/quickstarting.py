"""The quickstart command as a process."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tutorarc.settings import BASE_DIR

START_TIMEOUT = 60


class Running(NamedTuple):
    process: subprocess.Popen[bytes]
    printed: Path


def command(port: int) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), "quickstart", "--port", str(port)]


def environment() -> dict[str, str]:
    """A developer's, with a database named relative to the working directory."""
    ours = {"DATABASE_URL": "sqlite:///scratch.sqlite3", "PYTHONUNBUFFERED": "", "TUTORARC_ENV_FILE": ""}
    return {name: value for name, value in os.environ.items() if not name.startswith("TUTORARC_")} | ours


def shell(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)  # noqa: S603


def get(address: str, headers: dict[str, str]) -> Any:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (our own server)
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return json.load(response)


def wait_for(address: str, running: Running) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            assert get(address, {}) == {"status": "ok"}
            return
        except OSError:
            assert running.process.poll() is None, running.printed.read_text()
            assert time.monotonic() < deadline, running.printed.read_text()
            time.sleep(0.05)


def stop(running: Running) -> int:
    running.process.terminate()
    return running.process.wait(timeout=30)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
