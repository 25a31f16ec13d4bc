"""Why an attempt failed, in plain words for the owner of the endpoint, and when the receiver wants the next one."""

import socket
import ssl
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, RemoteDisconnected

from django.utils import timezone
from ssrfguard import BlockedURLError, SSRFGuardError

from tutorarc.webhooks.addresses import explanation

CLOSED = "The connection was closed before an answer came."
# The first one that fits. Nothing here tells which addresses a name has in the network of the server.
REASONS: list[tuple[type[BaseException], str]] = [
    (SSRFGuardError, "The host leads to an address that is not public, so nothing was sent."),
    (socket.gaierror, "The host name was not found."),
    (TimeoutError, "There was no answer in time."),
    (ConnectionRefusedError, "The connection was refused."),
    (RemoteDisconnected, CLOSED),
    (ConnectionError, CLOSED),
    (ssl.SSLError, "No secure connection could be made."),
    (HTTPException, "The answer was not valid HTTP."),
]


def reason_for(error: BaseException, url: str) -> str:
    if isinstance(error, BlockedURLError):
        return explanation(error, url)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of the host is not valid: {error.verify_message}."
    if type(error) is OSError and isinstance(error.__cause__, OSError):  # ssrfguard's, after all addresses failed
        error = error.__cause__
    return next((text for kind, text in REASONS if isinstance(error, kind)), "No connection could be made.")


def fault_of(status: int) -> str:
    """Why an answer with this status is a failure; empty for a success."""
    if 200 <= status <= 299:
        return ""
    words = f"{status} {_phrase(status)}".strip()
    if 300 <= status <= 399:
        return f"It answered {words}. Redirects are not followed: enter the final address."
    return f"It answered {words}."


def retry_after(header: str) -> timedelta | None:
    """The wait that a Retry-After asks for, in seconds or until a date; None for anything else."""
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), 10**6))
    try:
        return max(parsedate_to_datetime(header).astimezone(UTC) - timezone.now(), timedelta())
    except (ValueError, OverflowError):
        return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
