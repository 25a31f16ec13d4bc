"""Access log: one line for each request, without bodies or query strings."""

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.db import connection
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("tutorarc.access")
KEY_PREFIX_LENGTH = 12
SECRET_PARTS_OF_A_PATH = {"token"}


class Statements:
    """Counts database queries."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def logged(get_response: Callable[[HttpRequest], HttpResponse], request: HttpRequest) -> HttpResponse:
    """Call the next handler and log the request."""
    statements, started = Statements(), time.perf_counter()
    with connection.execute_wrapper(statements):
        response = get_response(request)
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    cost = {"status": response.status_code, "milliseconds": milliseconds, "statements": statements.count}
    log.info("request", extra={"context": _target(request) | _caller(request) | cost})
    return response


def _target(request: HttpRequest) -> dict[str, object]:
    match, path = request.resolver_match, request.path
    if match is None:
        return {"method": request.method, "path": path, "route": None}
    for name in SECRET_PARTS_OF_A_PATH & match.kwargs.keys():
        path = path.replace(match.kwargs[name], "...")
    return {"method": request.method, "path": path, "route": _readable(match.route)}


@cache
def _readable(route: str) -> str:
    """The route as `/api/v1/classes/<class_id>`."""
    return simplify_regex(route)


def _caller(request: Any) -> dict[str, object]:
    """The user's id and the hint of their key. Loads no session that the view didn't load."""
    if key := getattr(request, "auth", None):
        return {"user": key.owner_id, "key": key.hint[:KEY_PREFIX_LENGTH]}
    user = getattr(request, "_cached_user", None)
    return {"user": user.pk if user else None, "key": None}
