"""Error pages shared by several apps."""

from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutorarc.http.accept import sends_key
from tutorarc.http.api_paths import no_such_path
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.middleware import api_error, refuse


def not_found(request: HttpRequest, exception: Exception | None = None, **path: Any) -> HttpResponse:  # noqa: ARG001
    """404 page, also in debug mode and for unknown paths. JSON for programs, which have missed the API's address."""
    if sends_key(request):
        return api_error(ErrorReason.UNKNOWN_PATH, no_such_path(request.path))
    return render(request, "404.html", status=404)


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 page. Django's own reads the request's form, which can raise again."""
    is_wrong_host = isinstance(exception, DisallowedHost)
    return refuse(request, 400, "The Host header names no host of this server." if is_wrong_host else "")
