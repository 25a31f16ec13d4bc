"""What pages of several apps answer with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutorarc.http.middleware import refuse


def not_found(request: HttpRequest, exception: Exception | None = None, **path: Any) -> HttpResponse:
    """In debug mode too, where Http404 gives Django's page for developers: visitors follow links to these pages.

    And in place of Django's own for an unknown path: see `malformed`.
    """
    return render(request, "404.html", status=404)


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own reads the form that came with the request, where one with too many fields would be a fault."""
    return refuse(request, 400)
