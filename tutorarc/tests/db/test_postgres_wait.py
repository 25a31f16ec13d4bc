"""A PostgreSQL that hangs, told from one that is slow or busy. Under the real server: test_database_away.py."""

import os
import socket
from types import SimpleNamespace

import psycopg
import pytest

from tutorarc.db.postgres import base
from tutorarc.db.postgres.base import Connection, DatabaseWrapper, _resumed


def test_a_statement_waited_for_anew_is_told_that_nothing_is_ready_until_something_is():
    def statement():
        return [(yield "writing"), (yield "writing"), (yield "reading")]

    running = statement()
    next(running)  # the wait that lost its patience
    resumed = _resumed(running)
    assert [next(resumed), next(resumed)] == ["writing", "reading"]
    with pytest.raises(StopIteration) as done:
        resumed.send(1)
    assert done.value.value == [0, 0, 1]


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "heard_at", 0.0)
    monkeypatch.setattr(DatabaseWrapper, "left_alone_until", 0.0)
    for wait in ("PATIENCE_SECONDS", "KNOCK_SECONDS", "FIRST_KNOCK_SECONDS"):
        monkeypatch.setattr(base, wait, 0.01)


@pytest.fixture
def asleep():
    """A server that takes connections, by the kernel's hand, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield SimpleNamespace(host="127.0.0.1", hostaddr="", port=listener.getsockname()[1])


@pytest.fixture
def line(asleep):
    """A connection in the middle of a statement. What is written to `server` comes from there."""
    ours, server = os.pipe()
    closed = []
    pgconn = SimpleNamespace(socket=ours, finish=lambda: closed.append(True))
    yield SimpleNamespace(info=asleep, pgconn=pgconn, server=server, closed=closed)
    os.close(ours)
    os.close(server)


@pytest.fixture
def heard_while_knocking(monkeypatch):
    """Another thread gets an answer, while this one stands at a door that nobody opens."""
    knock = base.knock

    def answered(*args):
        DatabaseWrapper.hear()
        knock(*args)

    monkeypatch.setattr(base, "knock", answered)


def is_left_alone():
    return DatabaseWrapper.left_alone_until > 0


def test_where_all_is_silent_the_server_is_away_and_left_alone(line):
    with pytest.raises(psycopg.OperationalError, match=r"The database doesn't answer\."):
        Connection._last_sign_of_life(line, 1.0)
    assert (is_left_alone(), line.closed) == (True, [True])


def test_a_server_that_answered_another_thread_is_there(line, monkeypatch):
    monkeypatch.setattr(base, "knock", None)  # it isn't even asked
    DatabaseWrapper.hear()
    assert Connection._last_sign_of_life(line, 1.0) == DatabaseWrapper.heard_at
    assert (is_left_alone(), line.closed) == (False, [])


def test_so_is_one_that_answers_another_thread_while_this_one_knocks(line, heard_while_knocking):
    Connection._last_sign_of_life(line, 1.0)
    assert (is_left_alone(), line.closed) == (False, [])


def test_what_it_said_before_this_wait_proves_nothing(line):
    DatabaseWrapper.hear()
    with pytest.raises(psycopg.OperationalError):
        Connection._last_sign_of_life(line, DatabaseWrapper.heard_at)
    assert is_left_alone()


def test_the_statement_may_be_answered_before_the_door_is(line):
    os.write(line.server, b"answer")
    Connection._last_sign_of_life(line, 1.0)
    assert (is_left_alone(), line.closed) == (False, [])


def test_who_comes_to_the_door_is_there(line, monkeypatch):
    monkeypatch.setattr(base, "knock", lambda *args: None)
    assert Connection._last_sign_of_life(line, 1.0) == DatabaseWrapper.heard_at > 1.0
    assert (is_left_alone(), line.closed) == (False, [])


def test_an_answer_to_anybody_ends_leaving_it_alone():
    DatabaseWrapper.leave_alone()
    DatabaseWrapper.hear()
    assert not is_left_alone()


def connect(door):
    wrapper = DatabaseWrapper.__new__(DatabaseWrapper)
    return wrapper.get_new_connection({"host": door.host, "port": door.port})


def test_nobody_connects_to_a_server_that_is_asleep(asleep):
    with pytest.raises(psycopg.OperationalError, match=r"The database doesn't answer\."):
        connect(asleep)
    with pytest.raises(psycopg.OperationalError, match=r"The database didn't answer a moment ago\."):
        connect(asleep)


def test_but_to_one_whose_door_alone_is_slow(asleep, heard_while_knocking, monkeypatch):
    monkeypatch.setattr(Connection, "connect", lambda **params: params)
    assert connect(asleep) == {"host": asleep.host, "port": asleep.port}
    assert not is_left_alone()
