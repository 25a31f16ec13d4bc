"""Bodies without Content-Length, or shorter than it, sent to the real server."""

import json
import socket
import time
from contextlib import suppress
from http.client import HTTPResponse
from io import BytesIO

import pytest

from tutorarc.http.middleware import BodyLimitMiddleware

ONE_MIB = 1024 * 1024


@pytest.fixture
def send_chunked(live_granian):
    """Sends these chunks, each as one, and gives the status and the JSON of the answer."""

    def post(*chunks, path="/api/v1/classes", end=b"0\r\n\r\n", content_type="application/json", key=live_granian.key):
        head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Transfer-Encoding: chunked"]
        head += [f"Content-Type: {content_type}", f"X-API-Key: {key}", "", ""]
        with socket.create_connection((live_granian.host, live_granian.port), timeout=30) as connection:
            # A server that has heard enough may stop listening before all is said.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall("\r\n".join(head).encode())
                for chunk in chunks:
                    connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                connection.sendall(end)
            response = HTTPResponse(connection, method="POST")
            try:
                response.begin()
                return response.status, json.loads(response.read() or "null")
            finally:
                response.close()

    return post


def test_a_chunked_body_is_read(send_chunked):
    status, body = send_chunked(b'{"title": "Chunked"}')
    assert (status, body["title"]) == (201, "Chunked")


def test_chunks_may_be_cut_anywhere_even_inside_a_character(send_chunked):
    sent = '{"title": "Ünïcödé 🧮"}'.encode()
    status, body = send_chunked(*(sent[place : place + 1] for place in range(len(sent))))
    assert (status, body["title"]) == (201, "Ünïcödé 🧮")


def test_a_chunked_body_of_two_mb_is_too_large(send_chunked):
    status, body = send_chunked(*[b" " * 65_536] * 32)
    assert (status, body["error"]["reason"]) == (413, "body_too_large")


class Endless(BytesIO):
    """A body without an end. Remembers the size of the largest read."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def read(self, size=-1):
        self.asked.append(size)
        return b" " * size


def test_no_more_than_the_limit_is_read_of_an_endless_body(rf):
    body = Endless()
    head = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body, "wsgi.input_terminated": True}
    answer = BodyLimitMiddleware(lambda request: pytest.fail("It was let through."))(rf.post("/api/v1/classes", **head))
    assert (answer.status_code, body.asked) == (413, [ONE_MIB + 1] + [64 * 1024] * 128)


def test_a_server_that_cannot_tell_where_chunks_end_asks_for_a_length(rf):
    head = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Endless()}
    answer = BodyLimitMiddleware(lambda request: pytest.fail("It was let through."))(rf.post("/api/v1/classes", **head))
    assert (answer.status_code, json.loads(answer.content)["error"]["reason"]) == (400, "length_required")


def test_the_limit_is_exactly_one_mib(send_chunked):
    fitting = b'{"title": "Chunked"}'.ljust(ONE_MIB)
    assert send_chunked(fitting)[0] == 201
    assert send_chunked(fitting, b" ")[0] == 413


def test_a_chunked_body_is_never_treated_as_empty(send_chunked):
    _, created = send_chunked(b'{"title": "Chunked"}')
    path = f"/api/v1/classes/{created['id']}/archive"
    status, body = send_chunked(b'{"force": true}', path=path)
    assert (status, body["error"]["details"][0]["code"]) == (400, "unknown_field")
    assert send_chunked(path=path)[1]["is_archived"] is True


@pytest.mark.parametrize(
    ("body", "reason"), [(b"{", "malformed_json"), (b"[]", "not_an_object"), (b"\xff", "malformed_json")]
)
def test_a_malformed_chunked_body_is_malformed(send_chunked, body, reason):
    status, answer = send_chunked(body)
    assert (status, answer["error"]["reason"]) == (400, reason)


@pytest.mark.parametrize(("rest", "status"), [(b'ly"}', b"201"), (b"", b"400"), (b'"}', b"400")])
def test_a_body_is_read_up_to_its_content_length_and_refused_if_shorter(live_granian, rest, status):
    body = b'{"title": "Slow'
    head = f"POST /api/v1/classes HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {live_granian.key}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body) + 4}\r\n\r\n"
    with socket.create_connection((live_granian.host, live_granian.port), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        time.sleep(0.3)  # so that the server has begun to read
        connection.sendall(rest)
        if len(rest) < 4:
            connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65_536).split()[1] == status


def test_the_media_type_of_a_chunked_body_is_checked(send_chunked):
    assert send_chunked(b"title=Chunked", content_type="application/x-www-form-urlencoded")[0] == 415


def test_the_caller_of_a_chunked_body_is_checked(send_chunked):
    assert send_chunked(b'{"title": "Chunked"}', key="wrong")[0] == 401


@pytest.mark.parametrize("charset", ["base64", "rot13", "utf-16"])
def test_a_charset_that_is_no_text_encoding_causes_no_server_error(live_granian, charset):
    headers = {"X-API-Key": live_granian.key, "Content-Type": f"application/json; charset={charset}"}
    assert live_granian.request("GET", "/api/v1/classes?page_size=1", headers=headers)[0] == 200


def test_the_server_is_still_up(live_granian):
    assert live_granian.request("GET", "/readyz")[0] == 200
