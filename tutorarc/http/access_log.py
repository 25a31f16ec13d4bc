"""Access log: one line for each request, without bodies or query strings."""

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.core.handlers.wsgi import get_path_info
from django.db import connection
from django.http import HttpRequest, HttpResponse

from tutorarc.db.request_costs import RequestCosts, costs, measure_statement
from tutorarc.http.metrics.requests import count_request
from tutorarc.http.proxies import client_address

log = logging.getLogger("tutorarc.access")
KEY_PREFIX_LENGTH = 12
QUEUE_SECONDS = "tutorarc.queue_seconds"  # in the WSGI environment: how long the request waited for this process
SECRET_PARTS_OF_A_PATH = {"token", "key"}


def logged(get_response: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """Call the next handler and log the request."""
    costs.reset()
    started = time.perf_counter()
    # For good, and not by Django's context: the request may end with another connection (`HashingQueue.set_aside`).
    if measure_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(measure_statement)
    response = get_response(request)
    seconds = time.perf_counter() - started
    outcome = _outcome(response.status_code, seconds, request.META.get(QUEUE_SECONDS), costs)
    target = _target(request)
    count_request(str(request.method), target["route"], response.status_code, seconds)
    log.info("request", extra={"context": target | _caller(request) | outcome})
    return response


def log_refusal(environ: dict[str, Any], status: int) -> None:
    """The line of a request that Django never saw."""
    costs.reset()
    request: dict[str, object] = {
        "method": environ["REQUEST_METHOD"],
        "path": get_path_info(environ),
        "route": None,
        "address": client_address(environ),
        "user": None,
        "key": None,
    }
    count_request(environ["REQUEST_METHOD"], None, status, 0.0)
    log.info("request", extra={"context": request | _outcome(status, 0.0, environ.get(QUEUE_SECONDS), costs)})


def _outcome(status: int, seconds: float, queue: float | None, spent: RequestCosts) -> dict[str, object]:
    return {
        "status": status,
        "milliseconds": _milliseconds(seconds),
        "queue_milliseconds": None if queue is None else _milliseconds(queue),
        "database_milliseconds": _milliseconds(spent.database),
        "cache_milliseconds": _milliseconds(spent.cache),
        "statements": spent.statements,
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _target(request: HttpRequest) -> dict[str, Any]:
    match, path, address = request.resolver_match, request.path, request.META.get("REMOTE_ADDR")
    if match is None:
        return {"method": request.method, "path": path, "route": None, "address": address}
    for name in SECRET_PARTS_OF_A_PATH & match.kwargs.keys():
        path = path.replace(match.kwargs[name], "...")
    return {"method": request.method, "path": path, "route": readable_route(match.route), "address": address}


@cache
def readable_route(route: str) -> str:
    """The route as `/api/v1/classes/<class_id>`."""
    return simplify_regex(route)


def _caller(request: Any) -> dict[str, object]:
    """The user's id and the hint of their key. Loads no session that the view didn't load."""
    if key := getattr(request, "auth", None):
        return {"user": key.owner_id, "key": key.hint[:KEY_PREFIX_LENGTH]}
    user = getattr(request, "_cached_user", None)
    return {"user": user.pk if user else None, "key": None}
