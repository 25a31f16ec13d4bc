"""Overload control: 503 for requests that waited too long in the proxy's queue, so that later ones are served in time.

The proxy on the same machine writes the arrival time in `X-Request-Start: t=<Unix time>`, in seconds with a fraction
(nginx) or in milli- or microseconds (HAProxy). The header is used only if TUTORARC_TRUSTED_PROXIES is set; without it
no request is refused. This runs before Django, because a refusal has to be cheap.

A short burst may wait for OVERLOAD_MAX_WAIT. Once every request has had to wait for OVERLOAD_SATURATED_AFTER, the
server is saturated and only the shorter OVERLOAD_MAX_WAIT_WHEN_SATURATED is allowed: a longer queue would delay
everybody. Requests that arrived while the process was starting are served.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import render_to_string

from tutorarc.http import request_id as request_ids
from tutorarc.http.error_format import ErrorReason, envelope_of
from tutorarc.http.security_headers import HEADERS, POLICY

log = logging.getLogger("tutorarc.overload")

RETRY_AFTER_SECONDS = 2
HEALTH_CHECKS = ("/healthz", "/readyz")  # always answered: a busy machine must not look as if it were down
_REQUEST_START = re.compile(r"t=(\d{10})\.?(\d{0,9})", re.ASCII)  # ten digits of seconds: from 2001 to 2286

Environ = dict[str, Any]


class OverloadControl:
    """WSGI middleware that answers 503 to requests that waited too long."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.refused, self.next_warning = 0, 0.0
        self.started_at = self.last_without_wait = time.time()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] in HEALTH_CHECKS or self._is_in_time(_waited(environ)):
            return self.application(environ, start_response)
        self._log_refusal()
        request_id = request_ids.take(environ.get("HTTP_X_REQUEST_ID", ""))
        if environ["PATH_INFO"].startswith("/api/"):
            kind, body = "application/json", orjson.dumps(envelope_of(ErrorReason.OVERLOADED, request_id))
        else:
            kind, body = "text/html; charset=utf-8", render_to_string("503.html").encode()
        headers = {**HEADERS, "Content-Security-Policy": POLICY, "Content-Type": kind, "X-Request-ID": request_id}
        headers |= {"Retry-After": str(RETRY_AFTER_SECONDS), "Content-Length": str(len(body))}
        start_response("503 Service Unavailable", list(headers.items()))
        return [body]

    def _is_in_time(self, waited: float) -> bool:
        if waited <= settings.OVERLOAD_NO_WAIT:
            self.last_without_wait = time.time()
            return True
        if waited <= settings.OVERLOAD_MAX_WAIT_WHEN_SATURATED or self._arrived_before_start(waited):
            return True
        return waited <= settings.OVERLOAD_MAX_WAIT and not self._is_saturated()

    def _is_saturated(self) -> bool:
        return time.time() >= self.last_without_wait + settings.OVERLOAD_SATURATED_AFTER

    def _arrived_before_start(self, waited: float) -> bool:
        return time.time() - waited < self.started_at and waited <= settings.OVERLOAD_MAX_START

    def _log_refusal(self) -> None:
        """Count a refusal, and log at most one line a second."""
        self.refused += 1
        if time.monotonic() >= self.next_warning:
            self.next_warning = time.monotonic() + 1
            log.warning("Overloaded: %d requests were refused.", self.refused)
            self.refused = 0


def _waited(environ: Environ) -> float:
    """Seconds since the proxy received the request; 0 without a trusted header."""
    started = _REQUEST_START.fullmatch(environ.get("HTTP_X_REQUEST_START", "")) if settings.TRUSTED_PROXIES else None
    return time.time() - float(f"{started[1]}.{started[2]}") if started else 0.0
