"""Requests to receivers that are slow, broken or far away."""

import socket
import ssl
import subprocess
import time
from datetime import timedelta

import pytest

from tutorarc.tests.webhooks.receiver import Receiver, with_status
from tutorarc.webhooks import client
from tutorarc.webhooks.answers import Answer

pytestmark = pytest.mark.usefixtures("loopback_allowed")
HEADERS = {"Content-Type": "application/json", "webhook-id": "evt_1"}
IN_TIME = "There was no answer in time."


def send(url, seconds=0.3):
    return client.post(url, HEADERS, b'{"a": 1}', seconds=seconds)


def test_the_request(receiver):
    answer = send(f"{receiver.url}/ü%20x?q=ä&b=%2F#part", seconds=5)
    [(path, headers, body)] = receiver.received
    assert answer == Answer(answer.duration, 204)
    assert timedelta() < answer.duration < timedelta(seconds=5)
    assert (path, body) == ("/hook/%C3%BC%20x?q=%C3%A4&b=%2F", b'{"a": 1}')
    assert headers == {
        "host": f"127.0.0.1:{receiver.server.server_port}",
        "accept-encoding": "identity",
        "content-length": "8",
        "content-type": "application/json",
        "webhook-id": "evt_1",
        "connection": "close",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_a_success(receiver, status):
    receiver.answer = with_status(status)
    assert send(receiver.url).error == ""


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "It answered 400 Bad Request."),
        (410, "It answered 410 Gone."),
        (500, "It answered 500 Internal Server Error."),
        (799, "It answered 799."),
        (302, "It answered 302 Found. Redirects are not followed: enter the final address."),
    ],
)
def test_every_other_status_is_a_failure(receiver, status, error):
    receiver.answer = with_status(status)
    assert send(receiver.url)[1:4] == (status, "", error)


def test_two_kilobytes_of_the_answer_are_kept(receiver):
    receiver.answer = with_status(500, b"\0\xff" + b"x" * 100_000)
    assert send(receiver.url).body == "\ufffd\ufffd" + "x" * 2046


def test_a_receiver_that_never_answers_is_waited_for_until_the_deadline(receiver):
    receiver.answer = lambda handler: time.sleep(0.6)
    answer = send(receiver.url)
    assert (answer.status, answer.error) == (None, IN_TIME)
    assert timedelta(seconds=0.3) <= answer.duration < timedelta(seconds=0.6)


def trickle(first, byte):
    """Write the beginning of an answer, and then one byte every 50 ms."""

    def answer(handler):
        handler.wfile.write(first)
        for _ in range(20):
            time.sleep(0.05)
            handler.wfile.write(byte)

    return answer


def test_a_receiver_that_sends_its_headers_byte_by_byte_is_waited_for_until_the_deadline(receiver):
    receiver.answer = trickle(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    answer = send(receiver.url)
    assert (answer.status, answer.error) == (None, IN_TIME)
    assert answer.duration < timedelta(seconds=0.6)


def test_endless_informational_answers_end_at_the_deadline(receiver):
    receiver.answer = trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
    answer = send(receiver.url)
    assert (answer.status, answer.error) == (None, IN_TIME)
    assert answer.duration < timedelta(seconds=0.6)


def test_a_status_that_came_in_time_counts_even_if_the_body_does_not_end(receiver):
    receiver.answer = trickle(b"HTTP/1.1 200 OK\r\n\r\n", b"x")
    answer = send(receiver.url)
    assert (answer.status, answer.error) == (200, "")
    assert set(answer.body) == {"x"}
    assert answer.duration < timedelta(seconds=0.6)


def test_a_connection_that_nobody_accepts_ends_in_time():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()), socket.socket() as waiting:
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())  # the queue is full: further ones get no answer
            answer = send(f"http://127.0.0.1:{full.getsockname()[1]}/")
    assert (answer.error, answer.duration < timedelta(seconds=0.6)) == (IN_TIME, True)


def test_a_look_up_that_hangs_ends_in_time(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: time.sleep(0.6))
    answer = send("http://slow.example.org/")
    assert (answer.error, answer.duration < timedelta(seconds=0.6)) == (IN_TIME, True)


def unknown(*_):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_name_that_does_not_exist(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert send("http://nowhere.example.org/").error == "The host name was not found."


def test_a_port_where_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").error == "The connection was refused."


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "The connection was closed before an answer came."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "The answer was not valid HTTP."),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "The answer was not valid HTTP."),
    ],
)
def test_what_is_no_answer(receiver, answer, error):
    receiver.answer = lambda handler: handler.wfile.write(answer)
    assert send(receiver.url).error == error


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0", 0), ("999999999999", 1_000_000), ("Thu, 20 Mar 2036 10:00:30 GMT", 30), ("-5", None), ("x", None)],
)
def test_retry_after(receiver, time_machine, header, seconds):
    time_machine.move_to("2036-03-20T10:00:00Z", tick=False)
    receiver.answer = with_status(503, Retry_After=header)
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert client.post(receiver.url, {}, b"", seconds=5).retry_after == expected


@pytest.fixture
def encrypted(tmp_path, monkeypatch):
    """A receiver with a certificate for localhost, which is trusted."""
    files = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    key, certificate = map(str, files)
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        certificate,
    ]
    subprocess.run([*command, *subject], check=True, capture_output=True)  # noqa: S603
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    client.tls.cache_clear()
    receiver = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    yield receiver
    receiver.close()
    client.tls.cache_clear()


def test_an_encrypted_request(encrypted, monkeypatch):
    port, real = encrypted.server.server_port, socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *query: real("127.0.0.1", *query))
    assert send(f"https://localhost:{port}/", seconds=5).status == 204
    assert [request.headers["host"] for request in encrypted.received] == [f"localhost:{port}"]
    wrong = send(f"https://other.example.org:{port}/", seconds=5)
    assert wrong.error.startswith("The certificate of the host is not valid: Hostname mismatch")
    assert len(encrypted.received) == 1


def test_an_encrypted_answer_that_trickles_ends_in_time(encrypted, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *query: real("127.0.0.1", *query))
    encrypted.answer = trickle(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    answer = send(f"https://localhost:{encrypted.server.server_port}/")
    assert (answer.error, answer.duration < timedelta(seconds=0.6)) == (IN_TIME, True)


def test_a_receiver_without_encryption_at_an_https_url(receiver):
    answer = send(receiver.url.replace("http://", "https://"), seconds=5)
    assert answer.error == "No secure connection could be made."
