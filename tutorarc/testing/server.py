"""The real server in a process of its own, with its own database, for tests that need more than a test client."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from tutorarc.ops.server_process import HOST, as_in_production, free_port, wait_until_up

ROOT = Path(__file__).resolve().parents[2]
ADD_USERS = """
import django
django.setup()
from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
for role in User.GlobalRole.values:
    user = User.objects.create_user(f"{role.lower()}@example.org", display_name=role.title(), global_role=role)
    print(role, ApiKey.objects.issue(user, SYSTEM)[1])
"""


class Site(NamedTuple):
    """A migrated database with a user of each role, and the settings for a server on it."""

    environment: dict[str, str]
    directory: Path
    port: int
    keys: dict[str, str]  # by global role


class LiveServer(NamedTuple):
    host: str
    port: int
    keys: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def key(self) -> str:
        return self.keys["TEACHER"]

    def connection(self) -> HTTPConnection:
        return HTTPConnection(self.host, self.port, timeout=30)

    def request(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        connection = self.connection()
        try:
            connection.request(method, path, **options)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def new_site(directory: Path, database_url: str = "", **variables: str) -> Site:
    """The settings of a server on this database (a SQLite file in the directory unless one is named), without keys."""
    environment = os.environ | {
        "DATABASE_URL": database_url or f"sqlite:///{directory / 'live.sqlite3'}",
        **as_in_production(),
        "TUTORARC_RATE_LIMIT": "off",
        "TUTORARC_CODE_GUESS_LIMIT": "off",
        **variables,
    }
    return Site(environment, directory, free_port(), {})


def migrate(database_url: str) -> None:
    _python(os.environ | {"DATABASE_URL": database_url}, "manage.py", "migrate", "--verbosity", "0")


def add_users(site: Site) -> Site:
    """Add a user of each role with an API key to its migrated database."""
    return site._replace(keys=dict(map(str.split, _python(site.environment, "-c", ADD_USERS).splitlines())))


def _python(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def serve(site: Site, *options: str, checkout: Path = ROOT) -> Iterator[LiveServer]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "tutorarc.wsgi:application"]
    command += ["--port", str(site.port), *options]
    with (site.directory / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=checkout, env=site.environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
        server = LiveServer(HOST, site.port, site.keys, process)
        try:
            wait_until_up(site.port, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
