"""The only code that sends a request to an address that a user named.

It uses the parts of ssrfguard rather than its `requests` session: they connect to the address that was checked all the
same, and here one deadline holds for everything, from the look-up of the name to the last byte. With a session, a
receiver that sends a byte now and then is waited for as long as it likes.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlsplit

from ssrfguard import SSRFGuardError, Target, connect, resolve

from tutorarc.webhooks.addresses import MAX_CONNECTION_ATTEMPTS, policy_for
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.failures import fault_of, reason_for, retry_after

DEADLINE = 15.0  # seconds
LOOKUP = 5.0  # seconds, of them, for the name
MAX_ANSWER = 2048  # bytes of the answer that are read
UNQUOTED = "!#$%&'()*+,/:;=?@[]~"  # what a path and a query may hold as it is, and the sign of what is quoted already
DEFAULT_PORTS = {"http": 80, "https": 443}


def post(url: str, headers: Mapping[str, str], body: bytes, *, seconds: float = DEADLINE) -> Answer:
    """Send a POST request. Redirects are not followed. Never raises for what a receiver or a network does."""
    started, deadline = time.monotonic(), Deadline(seconds)
    try:
        answer = _post(url, headers, body, deadline)
    except (SSRFGuardError, OSError, HTTPException, UnicodeError, ValueError) as error:
        answer = Answer(timedelta(), error=reason_for(error, url))
    return answer._replace(duration=timedelta(seconds=time.monotonic() - started))


class Deadline:
    """A moment by which something must be done."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises TimeoutError if none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _post(url: str, headers: Mapping[str, str], body: bytes, deadline: Deadline) -> Answer:
    policy = policy_for(url)
    target = policy.check_url(url)
    addresses = resolve(target, policy=policy, resolver=partial(_look_up, deadline))
    plain = connect(addresses, policy=policy, timeout=deadline.left() / MAX_CONNECTION_ATTEMPTS)
    with plain, _with_deadline(plain, target, deadline) as limited:
        connection = HTTPConnection(target.host, target.port)
        connection.sock = limited
        connection.request("POST", _path(url), body, {**headers, "Host": _host(target), "Connection": "close"})
        with connection.getresponse() as response:
            return _answer(response)


def _look_up(deadline: Deadline, host: str, *query: Any) -> list[Any]:
    """socket.getaddrinfo in a thread of its own, as nothing else ends a look-up that hangs."""
    found: Future[list[Any]] = Future()

    def run() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, *query))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    threading.Thread(target=run, daemon=True, name="webhook look-up").start()
    return found.result(min(LOOKUP, deadline.left()))


class _Limited(socket.socket):
    """A socket that waits no longer than until a deadline, however often it is read."""

    deadline: Deadline

    def recv_into(self, *where: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*where)

    def sendall(self, *what: Any) -> None:
        self.settimeout(self.deadline.left())
        super().sendall(*what)


class _LimitedTLS(_Limited, ssl.SSLSocket):
    pass


def _with_deadline(plain: socket.socket, target: Target, deadline: Deadline) -> _Limited:
    """The connection, encrypted if its scheme is https. The certificate is checked against the name of the target."""
    limited: Any
    if target.scheme == "https":
        plain.settimeout(deadline.left())
        limited = tls().wrap_socket(plain, server_hostname=target.host.rstrip("."))
    else:
        limited = _Limited(fileno=plain.detach())
    limited.deadline = deadline
    return limited


@cache
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _LimitedTLS
    return context


def _path(url: str) -> str:
    parts = urlsplit(url)
    return quote(parts.path or "/", UNQUOTED) + (f"?{quote(parts.query, UNQUOTED)}" if parts.query else "")


def _host(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == DEFAULT_PORTS[target.scheme] else f"{host}:{target.port}"


def _answer(response: HTTPResponse) -> Answer:
    return Answer(
        timedelta(),
        response.status,
        _beginning(response).decode(errors="replace").replace("\0", "\ufffd"),
        fault_of(response.status),
        retry_after(response.headers.get("Retry-After", "")),
    )


def _beginning(response: HTTPResponse) -> bytes:
    """As much of the body as came in time, up to MAX_ANSWER. The status alone decides."""
    body = b""
    with suppress(OSError, HTTPException):
        while part := response.read1(MAX_ANSWER - len(body)):
            body += part
            if len(body) >= MAX_ANSWER:
                break
    return body
