"""Middleware for request ids, errors, body limits and API calls."""

import inspect
import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.middleware import common
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from tutorarc.http import request_id
from tutorarc.http.accept import JSON, PAGE, wanted
from tutorarc.http.access_log import logged
from tutorarc.http.api_paths import no_such_path
from tutorarc.http.error_format import envelope_of
from tutorarc.http.error_reasons import DEFAULT_REASONS, STATUSES, ErrorReason
from tutorarc.http.error_words import method_not_allowed
from tutorarc.http.overload import MONITORING
from tutorarc.http.refusals import report
from tutorarc.http.request_bodies import drain, largest_body
from tutorarc.http.wsgi_request import IncompleteBody

Handler = Callable[[HttpRequest], HttpResponse]
ABOUT_THE_BODY = {"Content-Type", "Content-Length", "Content-Language", "Content-Encoding", "ETag"}
LONGEST_QUERY = 20_000  # characters. The longest cursor, of a title whose characters are folded into 18, has 15,000
PAGES = {400, 403, 404, 413, 429, 500, 503}  # statuses with an error page


class ErrorResponse(JsonResponse):
    """An error with its `data`, as responses of REST framework have it: the content may be compressed later."""

    def __init__(self, data: dict[str, Any], status: int) -> None:
        super().__init__(data, status=status)
        self.data = data


def api_error(reason: ErrorReason, message: str = "") -> ErrorResponse:
    return ErrorResponse(envelope_of(reason, request_id.current.get(), message), STATUSES[reason.code])


def refuse(request: HttpRequest, status: int, message: str = "", **context: Any) -> HttpResponse:
    """An error response: JSON under /api/ except for browsers, otherwise a page. Makes no query."""
    if request.path.startswith("/api/") and not (status in PAGES and wanted(request, [JSON, PAGE]) == PAGE):
        return api_error(DEFAULT_REASONS[status], message)
    headers = {"Cache-Control": "no-store"} if "form" in context else {}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status, headers=headers)


class RequestIdMiddleware:
    """Set the request id, write the access log and report refused calls."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Not reset at the end, because Django logs exceptions after the middleware; the next request sets its own.
        request_id.current.set(request_id.take(request.META.get("HTTP_X_REQUEST_ID", "")))
        response = logged(self.get_response, request)
        response["X-Request-ID"] = request_id.current.get()
        report(request, response)
        return response


class ApiErrorMiddleware:
    """Format errors under /api/ that come from no API view: unknown paths, refused hosts, crashes.

    Also in debug mode. Browsers get pages.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_api_response = hasattr(response, "data") or isinstance(response, JsonResponse)
        is_formatted = is_api_response or response.status_code == 413  # which has a page for browsers
        if response.status_code < 400 or is_formatted or not request.path.startswith("/api/"):
            return response
        status = response.status_code if response.status_code in DEFAULT_REASONS else 400
        error = refuse(request, status, _message_of(request, response))
        patch_vary_headers(error, ["Accept"])
        for name, value in response.headers.items():
            if name not in ABOUT_THE_BODY:
                error.headers.setdefault(name, value)
        return error


def _message_of(request: HttpRequest, response: HttpResponse) -> str:
    """A message that fits the request better than the default one; empty if there is none."""
    if response.status_code == 404:
        return no_such_path(request.path)
    if response.status_code == 405:
        return method_not_allowed(str(request.method), response["Allow"].split(", "))
    return ""


class BodyLimitMiddleware:
    """Refuse bodies over 1 MiB under /api/, and read bodies without a length, which Django treats as empty.

    On other paths the limit is 4 MiB, and 9 MiB on pages that take files for an import.
    Long queries are refused on every path.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.META["QUERY_STRING"]) > LONGEST_QUERY:
            return refuse(request, 400, f"At most {LONGEST_QUERY} characters of a query are read.")
        if not request.path.startswith("/api/"):
            if _content_length(request) <= largest_body(request.path):
                return self.get_response(request)
            with suppress(IncompleteBody):
                drain(request)
            return refuse(request, 413)
        unmeasured = _is_unmeasured(request.META)
        if unmeasured:
            if not request.META.get("wsgi.input_terminated"):
                return api_error(ErrorReason.LENGTH_REQUIRED)
            body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = io.BytesIO(body)  # noqa: SLF001 (Django has no public setter)
        if _content_length(request) > settings.MAX_BODY_BYTES:
            with suppress(IncompleteBody):
                drain(request.META["wsgi.input"] if unmeasured else request)
            return refuse(request, 413)
        return self.get_response(request)


class CommonMiddleware(common.CommonMiddleware):
    """Django's CommonMiddleware, but monitoring works with any Host: load balancers send an address."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path in MONITORING else super().process_request(request)


class ApiFastPath:
    """Skip the middleware for pages (static files, sessions, CSRF, sign-in, messages) on API calls without a cookie."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.view: Any = get_response
        while further := _next_handler(self.view):
            self.view = further

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("HTTP_COOKIE") and request.path.startswith("/api/v1/"):
            return self.view(request)
        return self.get_response(request)


def _next_handler(handler: Any) -> Any:
    """What a middleware calls: an attribute of a class, or a variable of a function. None for the innermost handler."""
    if further := getattr(handler, "get_response", None):
        return further
    return inspect.getclosurevars(inspect.unwrap(handler)).nonlocals.get("get_response")


def _is_unmeasured(meta: dict[str, Any]) -> bool:
    """Whether the body may have no Content-Length: chunked or HTTP/2."""
    if "chunked" in meta.get("HTTP_TRANSFER_ENCODING", "").lower():
        return True
    return meta.get("SERVER_PROTOCOL") == "HTTP/2" and not meta.get("CONTENT_LENGTH")


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
