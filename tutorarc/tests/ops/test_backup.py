"""The commands for backup and restore in docs/deploy.md, on both databases."""

import os
import re
import subprocess
import sys

import psutil
import pytest

from tutorarc.settings import BASE_DIR
from tutorarc.testing.postgres import PROGRAMS, postgres
from tutorarc.testing.server import serve

RECIPES = dict(
    zip(
        ["dump PostgreSQL", "restore PostgreSQL", "copy SQLite", "put SQLite back"],
        re.findall(r"```sh\n(.*?)```", (BASE_DIR / "tutorarc/docs/deploy.md").read_text(), re.DOTALL),
        strict=True,
    )
)
COMMANDS = """
import shlex, sys, django
from django.core.management import call_command
django.setup()
for line in sys.argv[1:]:
    call_command(*shlex.split(line))
    print()
"""
DUMP = "dumpdata --exclude contenttypes --exclude auth.permission"


def follow(recipe, directory, **variables):
    script = RECIPES[recipe].replace(".venv/bin/python", sys.executable)
    environment = os.environ | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"} | variables
    subprocess.run(["bash", "-euc", script], cwd=directory, env=environment, check=True, timeout=120)  # noqa: S603, S607


def kill(server):
    """Kill the process as a power cut would: the write-ahead log stays beside the file."""
    for process in [*psutil.Process(server.process.pid).children(), psutil.Process(server.process.pid)]:
        process.kill()


def manage(database_url, *command_lines):
    """The lines that these commands print, run one after the other in one process."""
    environment = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tutorarc.settings"}
    command = [sys.executable, "-c", COMMANDS, *command_lines]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return [line for line in done.stdout.splitlines() if line]


@pytest.fixture
def backup(tmp_path):
    return str(tmp_path / "backup")


def assert_serves_the_same(url, before, site):
    *dumped, user_id = manage(url, DUMP, "migrate --check", "create_user new@example.org --role STUDENT")
    assert dumped == before
    assert user_id.startswith("usr_")
    with serve(site._replace(environment=site.environment | {"DATABASE_URL": url})) as server:
        assert server.request("GET", "/api/v1/me", headers={"X-API-Key": site.keys["TEACHER"]})[0] == 200


def test_a_postgresql_dump_is_restored_completely(tmp_path, backup, provision):
    with postgres() as server:
        site = provision(tmp_path, server.url)
        before = manage(server.url, DUMP)
        follow("dump PostgreSQL", tmp_path, DATABASE_URL=server.url, BACKUP=backup)
        manage(server.url, "create_user later@example.org --role STUDENT")
        server.sql("CREATE DATABASE restored;")
        restored = server.url.replace("/postgres?", "/restored?")
        follow("restore PostgreSQL", tmp_path, DATABASE_URL=restored, BACKUP=backup)
        assert_serves_the_same(restored, before, site)


def test_a_sqlite_copy_is_restored_completely(tmp_path, backup, provision):
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    site = provision(tmp_path, url)
    with serve(site) as server:
        # As long as it is connected, the log holds what the file doesn't.
        assert server.request("GET", "/api/v1/me", headers={"X-API-Key": server.key})[0] == 200
        _, *before = manage(url, "create_user in-the-log@example.org --role STUDENT", DUMP)
        follow("copy SQLite", tmp_path, BACKUP=backup)
        manage(url, "create_user later@example.org --role STUDENT")
        kill(server)
    assert (tmp_path / "db.sqlite3-wal").stat().st_size > 0
    follow("put SQLite back", tmp_path, BACKUP=backup)
    assert_serves_the_same(url, before, site)
