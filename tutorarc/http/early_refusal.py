"""Answers to requests that are refused before Django sees them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.template.loader import render_to_string

from tutorarc.http import request_id as request_ids
from tutorarc.http.access_log import log_refusal
from tutorarc.http.cors import cors_headers
from tutorarc.http.error_format import envelope_of
from tutorarc.http.error_reasons import STATUSES, ErrorReason
from tutorarc.http.refusals import report_early
from tutorarc.http.security_headers import HEADERS, POLICY

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


def refuse_early(
    environ: Environ,
    start_response: StartResponse,
    reason: ErrorReason,
    extra_headers: Mapping[str, str],
    page_context: Mapping[str, Any] = {},
) -> list[bytes]:
    """Log the request and answer it: with the JSON of the reason under /api/, otherwise with the page of its status."""
    request_id = request_ids.take(environ.get("HTTP_X_REQUEST_ID", ""))
    request_ids.current.set(request_id)
    status = HTTPStatus(STATUSES[reason.code])
    log_refusal(environ, status)
    report_early(environ, status, reason)
    if environ["PATH_INFO"].startswith("/api/"):
        kind, body = "application/json", orjson.dumps(envelope_of(reason, request_id))
    else:
        kind, body = "text/html; charset=utf-8", render_to_string(f"{status}.html", dict(page_context)).encode()
    headers = {**HEADERS, "Content-Security-Policy": POLICY, "Content-Type": kind, "X-Request-ID": request_id}
    headers |= {"Content-Length": str(len(body)), **extra_headers, **cors_headers(environ)}
    start_response(f"{status} {status.phrase}", list(headers.items()))
    return [body]
