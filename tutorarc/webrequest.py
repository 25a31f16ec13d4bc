"""Django's application, as the server and the tests call it."""

from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Text is UTF-8, whatever a Content-Type claims: with `charset=base64` Django can't even make its request."""

    def _set_content_type_params(self, meta: Any) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Application(WSGIHandler):
    request_class = Request

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Looks at the connection itself, as Django would by a signal, which takes it longer than the look."""
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        return super().__call__(environ, start_response)


def make_application() -> Application:
    """With every view loaded: the first request, and whoever is behind it, would wait for that."""
    django.setup(set_prefix=False)
    application = Application()
    import_module(settings.ROOT_URLCONF)
    return application
