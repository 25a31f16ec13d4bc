"""The real server while its PostgreSQL is stopped, killed, frozen and started again."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection

import psycopg
import pytest

from tutorarc.ops.server_process import THREADS
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import serve

CLASSES = "/api/v1/classes"
HANG_SECONDS = 3  # which a first request may take where PostgreSQL hangs
RECOVERY_SECONDS = 10  # one for the circuit breaker, the rest for a busy machine


@pytest.fixture(scope="module")
def database():
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def live(database, tmp_path_factory, provision):
    limits = {"TUTORARC_STATEMENT_TIMEOUT": "4", "TUTORARC_LOCK_TIMEOUT": "3"}
    site = provision(tmp_path_factory.mktemp("away"), database.url, **limits)
    with serve(site, "--blocking-threads", str(THREADS)) as server:
        yield server


@pytest.fixture
def request_live(live):
    """`request_live("/readyz")`: status, Retry-After and the answer. `request_live(path, {…})` posts."""

    def request(path, body=None):
        connection = HTTPConnection(live.host, live.port, timeout=30)
        headers = {"X-API-Key": live.key, "Content-Type": "application/json", "Cookie": f"sessionid={'a' * 32}"}
        try:
            connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("Retry-After"), response.read()
        finally:
            connection.close()

    return request


@pytest.fixture
def statuses(request_live):
    """Those of the API, of a page that reads the database, of the liveness and of the readiness probe."""
    return lambda: [request_live(path)[:2] for path in (CLASSES, "/developers/keys", "/healthz", "/readyz")]


AWAY = [(503, "5"), (503, "5"), (200, None), (503, "5")]
THERE = [(200, None), (302, None), (200, None), (200, None)]


@pytest.fixture
def recovers(statuses):
    """Whether the server is there again by itself, within a second or two."""

    def wait():
        deadline = time.monotonic() + RECOVERY_SECONDS
        while (now := statuses()) != THERE and time.monotonic() < deadline:
            time.sleep(0.1)
        return now == THERE

    return wait


@pytest.fixture(autouse=True)
def every_thread_has_a_connection(request_live, recovers):
    assert recovers()
    with ThreadPoolExecutor(4 * THREADS) as pool:
        assert {status for status, *_ in pool.map(request_live, [CLASSES] * 4 * THREADS)} == {200}


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_requests_are_503_while_postgresql_is_down_and_recover(request_live, statuses, recovers, database, end):
    getattr(database, end)()
    try:
        assert statuses() == AWAY
        assert request_live(CLASSES, {"title": "Lost"})[:2] == (503, "5")
    finally:
        database.start()
    assert recovers()


def test_connections_dropped_while_idle_fail_no_request(request_live, database):
    database.stop()
    database.start()
    written = [request_live(CLASSES, {"title": "After the restart"})[0] for _ in range(4 * THREADS)]
    assert written == [201] * 4 * THREADS


def test_connections_closed_by_the_server_fail_no_request(request_live, database):
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    database.sql(f"SELECT count(pg_terminate_backend(pid, 10000)) {others};")
    assert [request_live(CLASSES, {"title": "After the end"})[0] for _ in range(4 * THREADS)] == [201] * 4 * THREADS


def test_requests_are_503_while_postgresql_hangs(request_live, statuses, recovers, database):
    """Without a limit these calls would wait until it goes on."""
    with database.frozen():
        started = time.monotonic()
        assert statuses() == AWAY
        assert request_live(CLASSES, {"title": "Lost"})[:2] == (503, "5")
        assert time.monotonic() - started < 4 * HANG_SECONDS
    assert recovers()


def test_health_checks_are_answered_at_once_while_requests_wait_for_a_postgresql_that_hangs(request_live, database):
    with database.frozen(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(request_live, CLASSES)
        time.sleep(0.5)
        started = time.monotonic()
        assert [request_live("/healthz")[0] for _ in range(5)] == [200] * 5
        assert not waiting.done()
        assert time.monotonic() - started < HANG_SECONDS
        assert waiting.result()[:2] == (503, "5")


def test_after_the_first_hang_requests_fail_at_once_or_after_an_attempt_to_connect(request_live, database):
    with database.frozen():
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(request_live, [CLASSES] * THREADS))
        started = time.monotonic()
        assert [request_live(CLASSES)[0] for _ in range(20)] == [503] * 20
        assert time.monotonic() - started < 2 * HANG_SECONDS


def test_a_postgresql_without_free_connections_is_away_for_new_ones(request_live, statuses, recovers, database):
    with database.not_accepting():
        assert statuses() == THERE  # over the connections that there are
        database.end_connections()
        started = time.monotonic()
        assert statuses() == AWAY
        assert time.monotonic() - started < 4 * HANG_SECONDS
    assert recovers()


@contextmanager
def held(database, statement):
    """Another connection in the middle of a transaction."""
    with psycopg.connect(database.url) as other:
        other.execute(statement)
        yield
        other.rollback()


def test_a_request_that_waits_for_a_lock_is_served_though_no_connection_is_accepted(request_live, database):
    """It waits longer than it would for a server that hangs. Other requests are answered, so this server doesn't."""
    slow, quick = [], []
    waiting = threading.Thread(target=lambda: slow.append(request_live(CLASSES, {"title": "Waits"})[0]))
    with held(database, "LOCK TABLE classes_class IN EXCLUSIVE MODE"), database.not_accepting():
        waiting.start()
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            quick.append(request_live("/api/v1/me")[0])
    waiting.join()
    assert (slow, set(quick)) == ([201], {200})


def test_a_wait_for_a_lock_ends_at_the_lock_timeout(request_live, database):
    with held(database, "LOCK TABLE classes_class IN EXCLUSIVE MODE"):
        assert request_live(CLASSES, {"title": "Waits"})[:2] == (503, "5")
        assert request_live(CLASSES)[0] == 200
    assert request_live(CLASSES, {"title": "Waits"})[0] == 201


SLOW = "ALTER TABLE classes_class RENAME TO kept; CREATE VIEW classes_class AS SELECT kept.* FROM pg_sleep(5), kept;"
QUICK = "DROP VIEW classes_class; ALTER TABLE kept RENAME TO classes_class;"


def test_a_statement_ends_at_the_statement_timeout(request_live, database):
    assert request_live(CLASSES, {"title": "Slow to find"})[0] == 201
    database.sql(SLOW)
    try:
        assert request_live(CLASSES)[:2] == (503, "5")
    finally:
        database.sql(QUICK)
    assert request_live(CLASSES)[0] == 200
