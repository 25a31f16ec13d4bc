"""Error pages shared by several apps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutorarc.http.middleware import refuse


def not_found(request: HttpRequest, exception: Exception | None = None, **path: Any) -> HttpResponse:  # noqa: ARG001
    """404 page, also in debug mode and for unknown paths."""
    return render(request, "404.html", status=404)


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (Django passes it by name)
    """400 page. Django's own reads the request's form, which can raise again."""
    return refuse(request, 400)
