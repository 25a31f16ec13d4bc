"""Clients that send their bodies slowly, to the real server."""

import json
import socket
import time
from contextlib import ExitStack

import pytest

from tutorarc.testing.server import serve

TRICKLING = 20
PATHS = ["/api/v1/classes", "/api/v1/join-requests", "/accounts/login/", "/admin/login/"]


@pytest.fixture(scope="module")
def server(tmp_path_factory, provision):
    """Two requests at once, and threads enough to wait for all bodies."""
    limits = {"TUTORARC_CONCURRENT_REQUESTS": "2", "TUTORARC_BODY_TIMEOUT": "2"}
    site = provision(tmp_path_factory.mktemp("slow"), **limits)
    with serve(site, "--http", "1", "--blocking-threads", "32") as server:
        yield server


@pytest.fixture
def begun(server):
    """Connections that have sent the beginning of a body."""
    with ExitStack() as stack:
        connections = []
        for number in range(TRICKLING):
            address = (server.host, server.port)
            connections.append(stack.enter_context(socket.create_connection(address, timeout=30)))
            head = f"POST {PATHS[number % len(PATHS)]} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n"
            connections[-1].sendall(head.encode() + b"{")
        yield connections


def test_others_are_served_meanwhile_and_slow_ones_are_refused_and_closed(server, begun):
    key = {"X-API-Key": server.key, "Content-Type": "application/json"}
    served = []
    for _ in range(5):
        for connection in begun:
            connection.sendall(b" ")
        served.append(server.request("GET", "/healthz")[0])
        served.append(server.request("POST", "/api/v1/classes", body='{"title": "Algebra"}', headers=key)[0])
        time.sleep(0.1)
    assert served == [200, 201] * 5
    answers = [all_of(connection) for connection in begun]
    heads = {answer.partition(b"\r\n\r\n")[0].lower() for answer in answers}
    assert {head.split(b"\r\n")[0] for head in heads} == {b"http/1.1 408 request timeout"}
    assert {b"\r\nconnection: close" in head for head in heads} == {True}
    assert json.loads(answers[0].partition(b"\r\n\r\n")[2])["error"]["reason"] == "body_too_slow"


def all_of(connection):
    """Everything that the server sends until it closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))
