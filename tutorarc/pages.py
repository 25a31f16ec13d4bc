"""What pages of several apps answer with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, **path: str) -> HttpResponse:
    """In debug mode too, where Http404 gives Django's page for developers: visitors follow links to these pages."""
    return render(request, "404.html", status=404)
