"""Reading the bodies of requests before anything else is done with them (docs/contract.md, "Basics")."""

import re
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from threading import get_ident
from typing import Any

from django.conf import settings

from tutorarc.http.early_refusal import Environ, StartResponse, refuse_early
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.slow_senders import SlowSenders, allowed_seconds

CHUNK_BYTES = 64 * 1024
IMPORT_PAGE = re.compile(r"/admin/\w+/\w+/import/")
DRAINED_BYTES = 8 * 1024 * 1024


class BodyReader:
    """WSGI middleware that reads the whole body into memory, whoever sent it, and answers 408 if it comes too slowly.

    The server calls the application when it has the headers. A thread that waits here for the rest costs little: the
    scarce ones, with their database connections, come later (`WorkSlots`).
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], senders: SlowSenders) -> None:
        self.application, self.senders = application, senders

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if _has_body(environ) and not self._read(environ):
            return refuse_early(environ, start_response, ErrorReason.BODY_TOO_SLOW, {"Connection": "close"})
        thread = get_ident()
        self.senders.working[thread] = time.monotonic()
        try:
            return self.application(environ, start_response)
        finally:
            del self.senders.working[thread]

    def _read(self, environ: Environ) -> bool:
        """Replace the stream by a buffer. False if the body is not there in time."""
        started, length = time.monotonic(), _length(environ)
        with self.senders.reading(int(environ["SERVER_PORT"])):
            body = _body(environ["wsgi.input"], length, _limit(environ))
        environ["wsgi.input"] = BytesIO(body)
        if length is None:
            environ["CONTENT_LENGTH"] = str(len(body))
        # Nothing tells whether chunks ended or were cut off: then the time decides.
        is_whole = length is not None and len(body) >= min(length, _limit(environ))
        return is_whole or time.monotonic() - started <= allowed_seconds(len(body))


def _has_body(environ: Environ) -> bool:
    if environ.get("CONTENT_LENGTH"):
        return environ["CONTENT_LENGTH"] != "0"
    is_unmeasured = "HTTP_TRANSFER_ENCODING" in environ or environ.get("SERVER_PROTOCOL") == "HTTP/2"
    return is_unmeasured and bool(environ.get("wsgi.input_terminated"))


def _length(environ: Environ) -> int | None:
    given: str = environ.get("CONTENT_LENGTH", "")
    return int(given) if given.isascii() and given.isdigit() else None


def _limit(environ: Environ) -> int:
    return largest_body(environ["PATH_INFO"])


def largest_body(path: str) -> int:
    """The size of the largest body, in bytes, that a path takes."""
    if path.startswith("/api/"):
        return settings.MAX_BODY_BYTES
    return settings.MAX_IMPORT_BODY_BYTES if IMPORT_PAGE.fullmatch(path) else settings.MAX_PAGE_BODY_BYTES


def _body(stream: Any, length: int | None, limit: int) -> bytes:
    """The body, up to one byte over the limit: BodyLimitMiddleware refuses it then."""
    body: bytes = stream.read(limit + 1 if length is None else min(length, limit + 1))
    if len(body) > limit:
        drain(stream)
    return body


def drain(stream: Any) -> None:
    """Read and discard the rest, up to a size: a client that is still sending doesn't read the response."""
    for _ in range(DRAINED_BYTES // CHUNK_BYTES):
        if not stream.read(CHUNK_BYTES):
            return
