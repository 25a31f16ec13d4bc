"""More comes in than can be done: who has waited too long is told to come back, so that those behind wait no longer.

The proxy on the same machine notes when a request came, in `X-Request-Start: t=<time since 1970>`: in seconds with a
fraction, as nginx writes it, or in milli- or microseconds, as HAProxy can. It is believed where proxies are; without it
nobody is turned away. Before Django, as saying no has to cost next to nothing.

A crowd that comes at once, such as a class that signs in, may wait for a second. Where the waiting has not ended for a
second it is no crowd but more than can be done, and a longer queue would only make everybody's answer late. Who came
while this process was starting has waited for that, and in no queue.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import render_to_string

from tutorarc.http import request_id as requestid
from tutorarc.http.errors import ErrorReason, envelope_of
from tutorarc.http.security_headers import HEADERS, POLICY

log = logging.getLogger("tutorarc.overload")

LONGEST_WAIT_SECONDS = 1.0
LONGEST_WAIT_WHEN_OVERLOADED = 0.25
NO_WAIT_SECONDS = 0.05
OVERLOADED_AFTER_SECONDS = 1.0  # in which everybody had to wait
LONGEST_START_SECONDS = 10.0
RETRY_AFTER_SECONDS = 2
PROBES = ("/healthz", "/readyz")  # a machine that is busy is not to be taken for one that is down
_STARTED = re.compile(r"t=(\d{10})\.?(\d{0,9})", re.ASCII)  # ten digits of seconds: from 2001 to 2286

Environ = dict[str, Any]


class OverloadControl:
    """A WSGI application around another."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.refused, self.next_warning = 0, 0.0
        self.started_at = self.nobody_waited_at = time.time()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] in PROBES or self._is_in_time(_waited(environ)):
            return self.application(environ, start_response)
        self._note()
        request_id = requestid.take(environ.get("HTTP_X_REQUEST_ID", ""))
        if environ["PATH_INFO"].startswith("/api/"):
            kind, body = "application/json", orjson.dumps(envelope_of(ErrorReason.OVERLOADED, request_id))
        else:
            kind, body = "text/html; charset=utf-8", render_to_string("503.html").encode()
        headers = {**HEADERS, "Content-Security-Policy": POLICY, "Content-Type": kind, "X-Request-ID": request_id}
        headers |= {"Retry-After": str(RETRY_AFTER_SECONDS), "Content-Length": str(len(body))}
        start_response("503 Service Unavailable", list(headers.items()))
        return [body]

    def _is_in_time(self, waited: float) -> bool:
        if waited <= NO_WAIT_SECONDS:
            self.nobody_waited_at = time.time()
            return True
        if waited <= LONGEST_WAIT_WHEN_OVERLOADED or self._was_starting(waited):
            return True
        return waited <= LONGEST_WAIT_SECONDS and time.time() < self.nobody_waited_at + OVERLOADED_AFTER_SECONDS

    def _was_starting(self, waited: float) -> bool:
        return time.time() - waited < self.started_at and waited <= LONGEST_START_SECONDS

    def _note(self) -> None:
        """One line in the log for all of a second, roughly counted."""
        self.refused += 1
        if time.monotonic() >= self.next_warning:
            self.next_warning = time.monotonic() + 1
            log.warning("Too busy: %d requests were turned away.", self.refused)
            self.refused = 0


def _waited(environ: Environ) -> float:
    """Seconds since the proxy took the request; 0 where it doesn't say, or isn't trusted."""
    started = _STARTED.fullmatch(environ.get("HTTP_X_REQUEST_START", "")) if settings.TRUSTED_PROXIES else None
    return time.time() - float(f"{started[1]}.{started[2]}") if started else 0.0
