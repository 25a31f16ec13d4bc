"""`manage.py migrate` on a database in use, with a real PostgreSQL, and two at once on both databases."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Thread

import psycopg
import pytest
from django.conf import settings

from tutorarc.db.migration_lock import ADVISORY_LOCK
from tutorarc.testing.postgres import postgres

pytestmark = pytest.mark.own_database

CHANGES_SESSIONS, BEFORE = (
    ("live_sessions", "0009_next_clock_event"),
    ("live_sessions", "0008_events_instead_of_records"),
)


@contextmanager
def migrating(database_url, *options):
    """`manage.py migrate` in a process of its own."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", "migrate", *options],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process


def finish(process):
    """Its exit code and what it wrote on standard error."""
    _, errors = process.communicate(timeout=240)
    return process.returncode, errors


@pytest.fixture(scope="module")
def server(templates):
    with postgres() as running:
        templates.fill(running.url)
        yield running


@pytest.fixture(scope="module")
def former(server):
    """The name of a database in which sessions are as they were before a migration."""
    with copied(server, "postgres", "former") as address:
        with migrating(address, *BEFORE) as process:
            assert finish(process)[0] == 0
        yield "former"


@contextmanager
def copied(server, name, copy):
    """The address of a copy of this database."""
    server.sql(f"CREATE DATABASE {copy} TEMPLATE {name};")
    yield server.url.replace("/postgres?", f"/{copy}?")
    server.sql(f"DROP DATABASE {copy} WITH (FORCE);")


@pytest.fixture
def database(server):
    """The address of a migrated database of the test's own."""
    with copied(server, "postgres", "trial") as address:
        yield address


@pytest.fixture
def former_database(server, former):
    with copied(server, former, "trial") as address:
        yield address


@pytest.fixture
def connect():
    opened = []

    def open_connection(database):
        opened.append(psycopg.connect(database, autocommit=True))
        return opened[-1]

    yield open_connection
    for connection in opened:
        connection.close()


def is_applied(connection, migration):
    found = connection.execute("SELECT count(*) FROM django_migrations WHERE (app, name) = (%s, %s)", migration)
    return found.fetchone() == (1,)


@pytest.fixture(params=["postgresql", "sqlite"])
def old_database(request, tmp_path):
    """One to be migrated: an empty one on SQLite."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    return request.getfixturevalue("former_database")


def test_two_concurrent_migrations_run_one_after_the_other(old_database):
    with migrating(old_database) as first, migrating(old_database) as second:
        results = [finish(first), finish(second)]
    assert [code for code, _ in results] == [0, 0]
    waited = ["Another process is migrating this database. Waiting for it." in errors for _, errors in results]
    assert sorted(waited) == [False, True]


def test_requests_never_wait_behind_a_migration_and_a_long_reader(former_database, connect):
    reader, request = connect(former_database), connect(former_database)
    request.execute("SET lock_timeout = '3s'")  # as a request has
    with reader.transaction():
        reader.execute("SELECT count(*) FROM live_sessions_livesession")
        with migrating(former_database) as process:
            for line in process.stderr:
                if "A table is in use." in line:
                    break
            request.execute("SELECT count(*) FROM live_sessions_livesession")
            reader.execute("ROLLBACK")
            assert finish(process)[0] == 0
    assert is_applied(request, CHANGES_SESSIONS)


def test_requests_wait_a_second_at_most_for_each_attempt(former_database, connect):
    reader, request = connect(former_database), connect(former_database)
    longest, end = 0.0, []

    def read():
        nonlocal longest
        while not end:
            started = time.monotonic()
            request.execute("SELECT count(*) FROM live_sessions_livesession")
            longest = max(longest, time.monotonic() - started)

    with reader.transaction():
        reader.execute("SELECT count(*) FROM live_sessions_livesession")
        reading = Thread(target=read)
        reading.start()
        with migrating(former_database, "--retry-for", "0") as process:
            code, errors = finish(process)
        end.append(True)
        reading.join()
    assert (code, "Gave up, as a table stayed in use" in errors) == (1, True)
    assert 0.5 < longest < 2.5
    assert not is_applied(request, CHANGES_SESSIONS)


def test_plan_and_check_wait_for_no_lock(database, connect):
    connect(database).execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    for option in ("--plan", "--check"):
        with migrating(database, option) as process:
            assert finish(process)[0] == 0
