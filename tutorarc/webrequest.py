"""Django's application, as the server and the tests call it."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Text is UTF-8, whatever a Content-Type claims: with `charset=base64` Django can't even make its request."""

    def _set_content_type_params(self, meta: Any) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


def make_application() -> WSGIHandler:
    """With every view loaded: the first request, and whoever is behind it, would wait for that."""
    application = get_wsgi_application()
    import_module(settings.ROOT_URLCONF)
    application.request_class = Request
    return application
