"""Middleware for temporary errors outside the API's views: 503 and 429 with Retry-After."""

import logging
import math
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import Throttled

from tutorarc.db.outage import RETRY_AFTER_SECONDS, is_outage
from tutorarc.domain.clock import duration_in_words
from tutorarc.domain.password_hashing import HashingBusy
from tutorarc.http.middleware import refuse
from tutorarc.http.resent_forms import resendable
from tutorarc.http.summary_log import SummaryLog

outages = SummaryLog(logging.getLogger("tutorarc.errors"), logging.ERROR)
rushes = SummaryLog(logging.getLogger("tutorarc.overload"))
BUSY_SECONDS = 3


class UnavailableMiddleware:
    """Return 503 while the database is unavailable and 429 for throttled requests, also in debug mode."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 500 and (error := getattr(request, "outage", None)):
            return unavailable(request, error)
        if wait := getattr(request, "throttled_for", 0):  # said on the page of a form
            response.status_code, response["Retry-After"] = 429, str(math.ceil(wait))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_outage(error):
            return unavailable(request, error)
        if isinstance(error, HashingBusy):
            return busy(request)
        if isinstance(error, Throttled):
            return too_many(request, getattr(error, "wait", 0))
        return None


@receiver(got_request_exception)
def note_outage(request: Any = None, **signal: Any) -> None:
    """Remember database errors of other middleware, which don't reach `process_exception`."""
    error = sys.exception()
    if request is not None and is_outage(error):
        request.outage = error


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    log_outage(request, error)
    response = refuse(request, 503, **resendable(request))
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def busy(request: HttpRequest) -> HttpResponse:
    rushes.note("Too many passwords are checked or set at once: requests are refused.")
    response = refuse(request, 503, **resendable(request, wait=BUSY_SECONDS))
    response["Retry-After"] = str(BUSY_SECONDS)
    return response


def log_outage(request: HttpRequest, error: BaseException) -> None:
    """One line a second without a traceback: every request fails in the same way."""
    first_line = str(error).strip().partition("\n")[0]
    outages.note("The database is unavailable: %s: %s, at %s", type(error).__name__, first_line, request.path)


def too_many(request: HttpRequest, seconds: float) -> HttpResponse:
    response = refuse(request, 429, wait=duration_in_words(timedelta(seconds=seconds)))
    response["Retry-After"] = str(math.ceil(seconds))
    return response
