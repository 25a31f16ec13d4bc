"""Connections of clients that send too slowly are shut down, by the kernel's figures."""

import socket
import time

import pytest

from tutorarc.http import slow_senders
from tutorarc.http.slow_senders import SlowSenders

pytestmark = pytest.mark.skipif(not slow_senders.IS_POSSIBLE, reason="TCP_INFO is read on Linux alone")


@pytest.fixture
def senders(monkeypatch):
    monkeypatch.setattr(slow_senders.Thread, "start", lambda thread: None)
    return SlowSenders()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def connection(listener):
    """The two ends of a connection: the client's and the server's."""
    with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
        server.setblocking(False)
        yield client, server


@pytest.fixture
def is_shut_down(senders, listener, connection):
    """Whether the server's end is shut down after these looks, in seconds since a thread began to read a body.

    Before each look the client sends these bytes.
    """

    def after(*looks, sending=b""):
        client, server = connection
        with senders.reading(listener.getsockname()[1]):
            begun = time.monotonic()
            for seconds in looks:
                client.sendall(sending)
                time.sleep(0.01)  # until they are there
                senders.check(begun + seconds)
        try:
            while server.recv(100_000):
                pass
        except BlockingIOError:
            return False
        return True

    return after


def test_a_client_that_trickles_is_shut_down_after_the_time_out(is_shut_down):
    assert is_shut_down(2, 5, 11, sending=b"x") is False
    assert is_shut_down(2, 5, 13, sending=b"x") is True


def test_a_client_that_sends_at_the_least_rate_is_left_alone(is_shut_down):
    assert is_shut_down(2, 8, 16, sending=b"x" * 12_288) is False
    assert is_shut_down(2, 8, 22, sending=b"x" * 12_288) is True


def test_a_client_that_has_been_answered_is_left_alone(is_shut_down, connection):
    client, server = connection
    client.sendall(b"x")
    time.sleep(0.02)
    server.sendall(b"y")
    assert is_shut_down(2, 13) is False


def test_a_silent_client_is_shut_down_although_it_was_answered(is_shut_down, connection, settings):
    client, server = connection
    settings.BODY_TIMEOUT = 0.03
    client.sendall(b"x")
    time.sleep(0.02)
    server.sendall(b"y")
    time.sleep(0.04)
    assert is_shut_down(1.5) is True


def test_nothing_is_shut_down_while_no_thread_has_waited_for_a_second(is_shut_down):
    assert is_shut_down(0.5, 0.9, sending=b"x") is False


def test_nothing_is_shut_down_while_a_request_takes_long(is_shut_down, senders):
    senders.working[1] = time.monotonic()
    assert is_shut_down(2, 13, sending=b"x") is False
    senders.working[1] = time.monotonic() + 10
    assert is_shut_down(2, 13, sending=b"x") is True


def test_connections_of_other_ports_are_left_alone(is_shut_down, senders):
    with socket.create_server(("127.0.0.1", 0)) as other, senders.reading(other.getsockname()[1]):
        pass  # this is the server's
    assert is_shut_down(2, 13, sending=b"x") is False
