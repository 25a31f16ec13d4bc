"""A real PostgreSQL stopped, killed, frozen and started again under the real server, which is never restarted."""

import json
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import psycopg
import pytest

from tutorarc.ops.server_process import THREADS
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import provision, serve

TEACHERS = "/api/v1/classes"


@pytest.fixture(scope="module")
def database():
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def live(database, tmp_path_factory):
    limits = {"TUTORARC_STATEMENT_TIMEOUT": "4", "TUTORARC_LOCK_TIMEOUT": "3"}
    site = provision(tmp_path_factory.mktemp("away"), database.url, **limits)
    with serve(site, "--blocking-threads", str(THREADS)) as server:
        yield server


@pytest.fixture
def ask(live):
    """`ask("/readyz")`: status, Retry-After and the answer. `ask(path, {…})` posts."""

    def send(path, body=None):
        connection = HTTPConnection(live.host, live.port, timeout=30)
        headers = {"X-API-Key": live.key, "Content-Type": "application/json", "Cookie": f"sessionid={'a' * 32}"}
        try:
            connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("Retry-After"), response.read()
        finally:
            connection.close()

    return send


@pytest.fixture(autouse=True)
def every_thread_has_a_connection(ask, live):
    """Persistent ones: those that are to die."""
    while {ask("/api/v1/me")[0] for _ in range(4 * THREADS)} != {200}:
        """The test before made the server leave the database alone for a second."""
    together = [threading.Thread(target=ask, args=(TEACHERS,)) for _ in range(4 * THREADS)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()


@pytest.fixture
def tells(ask):
    """What the API, a page that asks the database, the probe of the process and the probe of readiness say."""
    return lambda: [ask(path)[:2] for path in (TEACHERS, "/developers/keys", "/healthz", "/readyz")]


AWAY = [(503, "5"), (503, "5"), (200, None), (503, "5")]
THERE = [(200, None), (302, None), (200, None), (200, None)]
SLOW = "ALTER TABLE classes_class RENAME TO kept; CREATE VIEW classes_class AS SELECT kept.* FROM pg_sleep(5), kept;"
QUICK = "DROP VIEW classes_class; ALTER TABLE kept RENAME TO classes_class;"


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_is_unavailable_while_postgresql_is_away_and_back_when_that_is(ask, tells, database, end):
    assert tells() == THERE
    getattr(database, end)()
    try:
        assert tells() == AWAY
        assert ask(TEACHERS, {"title": "Lost"})[:2] == (503, "5")
    finally:
        database.start()
    assert tells() == THERE


def test_connections_that_died_while_idle_are_not_missed_by_any_request(ask, database):
    database.stop()
    database.start()
    written = [ask(TEACHERS, {"title": "After the restart"})[0] for _ in range(4 * THREADS)]
    assert written == [201] * 4 * THREADS


def test_a_single_connection_that_was_ended_is_not_missed_either(ask, database):
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    database.sql(f"SELECT count(pg_terminate_backend(pid, 10000)) {others};")
    assert [ask(TEACHERS, {"title": "After the end"})[0] for _ in range(4 * THREADS)] == [201] * 4 * THREADS


def test_a_postgresql_that_hangs_is_away_too(ask, tells, database):
    """Without a limit these calls would wait until it is let go on."""
    with database.frozen():
        assert tells() == AWAY
        assert ask(TEACHERS, {"title": "Lost"})[:2] == (503, "5")


@contextmanager
def held(database, statement):
    """Another connection in the middle of a transaction."""
    with psycopg.connect(database.url) as other:
        other.execute(statement)
        yield
        other.rollback()


def test_one_that_is_too_busy_to_come_to_its_door_is_there(ask, database):
    """One request waits longer than it would for a server that hangs, while others are answered: none is refused."""
    slow, quick = [], []
    waiting = threading.Thread(target=lambda: slow.append(ask(TEACHERS, {"title": "Waits"})[0]))
    with held(database, "LOCK TABLE classes_class IN EXCLUSIVE MODE"), database.with_nobody_at_its_door():
        waiting.start()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            quick.append(ask("/api/v1/me")[0])
    waiting.join()
    assert (slow, set(quick)) == ([201], {200})


def test_who_waits_for_a_lock_waits_no_longer_than_the_limit(ask, database):
    with held(database, "LOCK TABLE classes_class IN EXCLUSIVE MODE"):
        assert ask(TEACHERS, {"title": "Waits"})[:2] == (503, "5")
        assert ask(TEACHERS)[0] == 200
    assert ask(TEACHERS, {"title": "Waits"})[0] == 201


def test_a_statement_that_takes_too_long_is_cut(ask, database):
    assert ask(TEACHERS, {"title": "Slow to find"})[0] == 201
    database.sql(SLOW)
    try:
        assert ask(TEACHERS)[:2] == (503, "5")
    finally:
        database.sql(QUICK)
    assert ask(TEACHERS)[0] == 200
