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

CHANGES_USERS, BEFORE = ("tutorarc", "0011_folded_name"), ("tutorarc", "0010_normalized_text")


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
def server():
    with postgres() as running:
        with migrating(running.url) as process:
            assert finish(process)[0] == 0
        yield running


@pytest.fixture
def database(server):
    """The address of a migrated database of the test's own."""
    server.sql("CREATE DATABASE trial TEMPLATE postgres;")
    yield server.url.replace("/postgres?", "/trial?")
    server.sql("DROP DATABASE trial WITH (FORCE);")


@pytest.fixture
def connect(database):
    opened = []

    def open_connection():
        opened.append(psycopg.connect(database, autocommit=True))
        return opened[-1]

    yield open_connection
    for connection in opened:
        connection.close()


@pytest.fixture
def _before_users_change(database):
    with migrating(database, *BEFORE) as process:
        assert finish(process)[0] == 0


def is_applied(connection, migration):
    found = connection.execute("SELECT count(*) FROM django_migrations WHERE (app, name) = (%s, %s)", migration)
    return found.fetchone() == (1,)


@pytest.fixture(params=["postgresql", "sqlite"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = request.getfixturevalue("server")
    server.sql("CREATE DATABASE empty;")
    yield server.url.replace("/postgres?", "/empty?")
    server.sql("DROP DATABASE empty WITH (FORCE);")


def test_two_concurrent_migrations_run_one_after_the_other(empty_database):
    with migrating(empty_database) as first, migrating(empty_database) as second:
        results = [finish(first), finish(second)]
    assert [code for code, _ in results] == [0, 0]
    waited = ["Another process is migrating this database. Waiting for it." in errors for _, errors in results]
    assert sorted(waited) == [False, True]


@pytest.mark.usefixtures("_before_users_change")
def test_requests_never_wait_behind_a_migration_and_a_long_reader(database, connect):
    reader, request = connect(), connect()
    request.execute("SET lock_timeout = '3s'")  # as a request has
    with reader.transaction():
        reader.execute("SELECT count(*) FROM tutorarc_user")
        with migrating(database) as process:
            for line in process.stderr:
                if "A table is in use." in line:
                    break
            request.execute("SELECT count(*) FROM tutorarc_user")
            reader.execute("ROLLBACK")
            assert finish(process)[0] == 0
    assert is_applied(request, CHANGES_USERS)


@pytest.mark.usefixtures("_before_users_change")
def test_requests_wait_a_second_at_most_for_each_attempt(database, connect):
    reader, request = connect(), connect()
    longest, end = 0.0, []

    def read():
        nonlocal longest
        while not end:
            started = time.monotonic()
            request.execute("SELECT count(*) FROM tutorarc_user")
            longest = max(longest, time.monotonic() - started)

    with reader.transaction():
        reader.execute("SELECT count(*) FROM tutorarc_user")
        reading = Thread(target=read)
        reading.start()
        with migrating(database, "--retry-for", "0") as process:
            code, errors = finish(process)
        end.append(True)
        reading.join()
    assert (code, "Gave up, as a table stayed in use" in errors) == (1, True)
    assert 0.5 < longest < 2.5
    assert not is_applied(request, CHANGES_USERS)


def test_plan_and_check_wait_for_no_lock(database, connect):
    connect().execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    for option in ("--plan", "--check"):
        with migrating(database, option) as process:
            assert finish(process)[0] == 0
