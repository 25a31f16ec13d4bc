"""Migrated databases to copy: `migrate` on an empty database takes seconds, a copy a fraction of one."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tutorarc.testing.postgres import PROGRAMS
from tutorarc.testing.server import Site, add_users, migrate, new_site


class DatabaseTemplates:
    """Two templates for SQLite and two for PostgreSQL, without and with users, each made when it is first needed.

    Processes that are given the same directory share its templates.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def provision(self, directory: Path, database_url: str = "", **variables: str) -> Site:
        """A site whose database is migrated and has a user of each role. The database must be empty."""
        site = new_site(directory, database_url, **variables)
        url = site.environment["DATABASE_URL"]
        keys = self._template(url, "users.json")

        def migrate_and_add_users() -> None:
            self.fill(url)
            keys.write_text(json.dumps(add_users(site).keys))

        self._fill(url, "users", migrate_and_add_users)
        return site._replace(keys=json.loads(keys.read_text()))

    def fill(self, url: str) -> None:
        """Migrate an empty database."""
        self._fill(url, "migrated", lambda: migrate(url))

    def _fill(self, url: str, name: str, make: Callable[[], None]) -> None:
        """Copy a template, or make it."""
        template = self._template(url, name)
        with _locked(self._template(url, f"{name}.lock")):
            if not template.exists():
                make()
                _save(url, template)
                return
        _load(template, url)

    def _template(self, url: str, suffix: str) -> Path:
        return self.directory / f"{url.partition(':')[0]}.{suffix}"


def _save(url: str, template: Path) -> None:
    if url.startswith("sqlite"):
        shutil.copy(_sqlite_file(url), template)
    else:
        _run("pg_dump", "--no-owner", "--file", str(template), url)


def _load(template: Path, url: str) -> None:
    if url.startswith("sqlite"):
        shutil.copy(template, _sqlite_file(url))
    else:
        options = ("--quiet", "--no-psqlrc", "--single-transaction", "--set", "ON_ERROR_STOP=1")
        _run("psql", *options, "--file", str(template), url)


def _sqlite_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _run(program: str, *arguments: str) -> None:
    subprocess.run([PROGRAMS / program, *arguments], check=True, capture_output=True)  # noqa: S603


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file's lock, so that of several processes one makes the template and the others wait for it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
