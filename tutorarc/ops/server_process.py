"""Runs the server in a process of its own, for the benchmark and for tests."""

import secrets
import socket
import subprocess
from contextlib import suppress

HOST = "127.0.0.1"
THREADS = 3  # for each worker, where no client is slow
OPTIONS = ("--http", "1", "--http1-buffer-size", "65536", "--blocking-threads", "256")  # docs/deploy.md, "Service"


def as_in_production() -> dict[str, str]:
    """Environment of a production server without TLS."""
    return {
        "DJANGO_SETTINGS_MODULE": "tutorarc.settings",
        "TUTORARC_ENV_FILE": "",
        "TUTORARC_DEBUG": "false",
        "TUTORARC_INSECURE_HTTP": "true",
        "TUTORARC_SECRET_KEY": secrets.token_urlsafe(50),
        "TUTORARC_EMAIL_URL": "console:",
        "MALLOC_ARENA_MAX": "2",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_until_up(port: int, process: subprocess.Popen[bytes], attempts: int = 1_500) -> None:
    """Wait until the server responds, checking every 20 ms. Raises RuntimeError if it exits or never responds."""
    for _ in range(attempts):
        with suppress(OSError), socket.create_connection((HOST, port), timeout=30) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if b" 200 " in connection.recv(100):
                return
        with suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"The server ended with {process.wait(timeout=0.02)}.")
    raise RuntimeError("The server doesn't answer.")
