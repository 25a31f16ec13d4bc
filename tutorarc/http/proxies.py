"""Address and scheme of the client, as reported by trusted proxies."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tutorarc.domain import caller
from tutorarc.http import request_id
from tutorarc.http.client_address import parse
from tutorarc.http.summary_log import SummaryLog

unreadable = SummaryLog(logging.getLogger("tutorarc.proxies"))
MAX_LOGGED_LENGTH = 100


class TrustedProxiesMiddleware:
    """Use the last N entries of `X-Forwarded-For` and `-Proto`, where N is TUTORARC_TRUSTED_PROXIES.

    Notes the caller for the security log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        meta["REMOTE_ADDR"] = client_address(meta)
        if count := settings.TRUSTED_PROXIES:
            scheme = _from_the_end(meta.get("HTTP_X_FORWARDED_PROTO", ""), count).lower()
            if scheme in ("http", "https"):
                meta["wsgi.url_scheme"] = scheme
        sent_by = caller.Caller(meta["REMOTE_ADDR"], meta.get("HTTP_USER_AGENT", ""), request_id.current.get())
        caller.current.set(sent_by)
        return self.get_response(request)


def client_address(meta: dict[str, Any]) -> str:
    """The address that the last trusted proxy wrote, otherwise the peer's."""
    count = settings.TRUSTED_PROXIES
    if count and (address := _client(meta.get("HTTP_X_FORWARDED_FOR", ""), count)):
        return address
    peer = meta.get("REMOTE_ADDR", "")
    return _readable(peer) or peer  # IPv4 inside IPv6, where the server listens on both


def _client(header: str, count: int) -> str:
    """The client's address; empty, and logged, if the trusted proxy wrote none that can be read."""
    entry = _from_the_end(header, count)
    address = _readable(entry)
    if entry and not address:
        sentence = "X-Forwarded-For: %r is no address, so limits count the proxy's. Make the proxy write the client's."
        unreadable.note(sentence, entry[:MAX_LOGGED_LENGTH])
    return address


def _readable(text: str) -> str:
    address = parse(text)
    return str(address) if address else ""


def _from_the_end(header: str, count: int) -> str:
    """The entry that the outermost trusted proxy wrote; of a shorter list the first."""
    entries = [entry.strip() for entry in header.split(",") if entry.strip()]
    return entries[-min(count, len(entries))] if entries else ""
