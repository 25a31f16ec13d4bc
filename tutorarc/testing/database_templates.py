"""Migrated databases to copy: `migrate` on an empty database takes seconds, a copy a fraction of one."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutorarc.testing.postgres import PROGRAMS
from tutorarc.testing.server import Site, migrate, new_site


class DatabaseTemplates:
    """One template for SQLite and one for PostgreSQL, each made when it is first needed.

    Processes that are given the same directory share its templates.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def provision(self, directory: Path, database_url: str = "", **variables: str) -> Site:
        """A site whose database is migrated and has a user of each role. The database must be empty."""
        site = new_site(directory, database_url, **variables)
        url = site.environment["DATABASE_URL"]
        template = self.directory / url.partition(":")[0]
        keys = template.with_suffix(".json")
        with _locked(template.with_suffix(".lock")):
            if not keys.exists():
                site = migrate(site)
                _save(url, template)
                keys.write_text(json.dumps(site.keys))
                return site
        _load(template, url)
        return site._replace(keys=json.loads(keys.read_text()))


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
