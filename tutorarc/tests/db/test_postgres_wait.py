"""The wait for an answer of a real PostgreSQL that is slow, frozen or doesn't accept connections.

With the real server: test_database_away.py.
"""

import math
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tutorarc.db.circuit_breaker import CircuitBreaker
from tutorarc.db.postgres import base, connection
from tutorarc.db.postgres.base import DatabaseWrapper
from tutorarc.db.postgres.connection import Connection
from tutorarc.ops.server_process import free_port
from tutorarc.testing.postgres import postgres

pytestmark = pytest.mark.own_database

NO_ANSWER = r"The database server does not answer\."


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture(autouse=True)
def breaker(monkeypatch):
    """Nothing is known of the server, and a fifth of a second without an answer is a long time."""
    fresh = CircuitBreaker()
    monkeypatch.setattr(base, "breaker", fresh)
    monkeypatch.setattr(connection, "breaker", fresh)
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(connection, "server", connection.Server())
    return fresh


@pytest.fixture
def connect(server):
    opened = []

    def open_connection(answer_timeout=math.inf):
        params = {"conninfo": server.url, "autocommit": True, "connect_timeout": 2}
        opened.append(Connection.open(params, answer_timeout))
        return opened[-1]

    yield open_connection
    for each in opened:
        each.close()


@pytest.fixture
def probes(monkeypatch):
    """The connections that were made to see whether the server hangs."""
    made, ask = [], psycopg.connect

    def probe(**params):
        made.append(params)
        return ask(**params)

    monkeypatch.setattr(psycopg, "connect", probe)
    return made


def test_a_slow_statement_completes_while_the_server_accepts_connections(connect, breaker, probes):
    asked = connect().execute("SELECT pg_sleep(1), 'slow'")
    assert asked.fetchone()[1] == "slow"
    assert len(probes) > 0
    assert breaker.allows_call()


def test_a_frozen_server_times_out_in_three_seconds(connect, breaker, server):
    asking = connect()
    started = time.monotonic()
    with server.frozen(), pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        asking.execute("SELECT 1")
    assert 2 <= time.monotonic() - started < 5  # of which the attempt to connect takes two
    assert (asking.closed, breaker.allows_call()) == (True, False)


def test_an_idle_connection_from_before_the_hang_is_not_reused(connect, server):
    asking, idle = connect(), connect()
    with server.frozen(), pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        asking.execute("SELECT 1")
    assert (idle.is_dead(), connect().is_dead()) == (True, False)


def test_a_frozen_backend_times_out_after_the_answer_timeout(connect, breaker, server):
    asking = connect(answer_timeout=0.5)
    with server.frozen_backend(asking.info.backend_pid), pytest.raises(psycopg.OperationalError, match=NO_ANSWER):
        asking.execute("SELECT 1")
    assert (asking.closed, breaker.allows_call()) == (True, False)


def test_a_server_that_answers_another_thread_does_not_time_out(connect, breaker, server):
    waiting, other = connect(), connect()
    with server.not_accepting(), ThreadPoolExecutor(1) as pool:
        slow = pool.submit(waiting.execute, "SELECT pg_sleep(3)")
        while not slow.done():
            other.execute("SELECT pg_sleep(0.05)")
        assert slow.result().rowcount == 1
    assert breaker.allows_call()


def test_a_server_that_answers_the_statement_does_not_time_out(connect, breaker, server):
    asking = connect()
    with server.not_accepting():
        assert asking.execute("SELECT pg_sleep(1), 'slow'").fetchone()[1] == "slow"
    assert breaker.allows_call()


def test_the_statements_of_a_command_have_no_timeout(connect, probes):
    connect(answer_timeout=None).execute("SELECT pg_sleep(0.5)")
    assert probes == []


def test_a_refused_connection_is_an_answer(connect, breaker, server):
    connect().execute("CREATE ROLE visitor LOGIN CONNECTION LIMIT 1")
    params = {"conninfo": server.url, "user": "visitor", "dbname": "postgres", "connect_timeout": 2}
    asking = Connection.open(params, math.inf)
    with asking:
        assert asking.execute("SELECT pg_sleep(0.5), 'slow'").fetchone()[1] == "slow"
    assert breaker.allows_call()


def test_a_connection_closed_by_the_server_is_not_reused(connect):
    ended, other = connect(), connect()
    assert not ended.is_dead()
    other.execute("SELECT pg_terminate_backend(%s, 10000)", [ended.info.backend_pid])
    assert ended.is_dead()


@pytest.fixture
def attempt(server):
    """`attempt(PORT=1)`: Django's attempt to connect to this server, or to another port where nobody listens."""

    def connect(**changes):
        host = conninfo_to_dict(server.url)["host"]
        address = {"NAME": "postgres", "USER": "postgres", "PASSWORD": "", "HOST": host, "PORT": ""} | changes
        wrapper = DatabaseWrapper(
            {**address, "OPTIONS": {"answer_timeout": 5, "connect_timeout": 2}, "TIME_ZONE": None}
        )
        wrapper.get_new_connection(wrapper.get_connection_params()).close()

    return connect


@pytest.fixture
def nobody():
    return {"HOST": "127.0.0.1", "PORT": free_port()}


def test_after_a_failed_attempt_others_fail_at_once(attempt, nobody, breaker):
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        attempt(**nobody)
    with pytest.raises(psycopg.OperationalError, match=r"The database could not be reached a moment ago\."):
        attempt()
    breaker.record_success()
    attempt()


def test_a_successful_connection_allows_all_calls_again(attempt, nobody, breaker):
    breaker.seconds = 0.0
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        attempt(**nobody)
    breaker.seconds = 60.0
    attempt()
    assert [breaker.allows_call() for _ in range(2)] == [True, True]
