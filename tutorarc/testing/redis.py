"""Debian's redis-server, for tests."""

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tutorarc.ops.server_process import free_port

REDIS = shutil.which("redis-server")


class Redis:
    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.directory = directory
        self.start()

    def start(self) -> None:
        """On the same port, without the data of before."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]
        self.process = subprocess.Popen([REDIS or "", *options], stdout=subprocess.DEVNULL)  # noqa: S603
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(5) == b"+PONG":
                    return
            time.sleep(0.02)
        raise RuntimeError("Redis doesn't answer.")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
