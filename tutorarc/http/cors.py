"""Requests of pages on other origins, by django-cors-headers (docs/contract.md, "Cross-origin requests")."""

import re
from typing import Any

from corsheaders import middleware
from corsheaders.signals import check_request_enabled
from django.core.handlers.wsgi import WSGIRequest
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

SCHEMA = "/api/schema"
PUBLIC_PATHS = re.compile(SCHEMA + r"|/api/v1/sessions/[^/]+/admission")


@receiver(check_request_enabled)
def allow_public_paths(request: HttpRequest, **signal: Any) -> bool:
    """Whether pages on every origin may use the path."""
    return PUBLIC_PATHS.fullmatch(request.path_info) is not None


class CorsMiddleware(middleware.CorsMiddleware):
    """Skips requests without an origin, except for a path that caches store: its responses need `Vary: Origin`."""

    def __call__(self, request: HttpRequest) -> Any:
        if "HTTP_ORIGIN" not in request.META and request.path_info != SCHEMA:
            return self.get_response(request)
        return super().__call__(request)


_middleware = CorsMiddleware(lambda _: HttpResponse())


def cors_headers(environ: dict[str, Any]) -> dict[str, str]:
    """The headers of a response that doesn't come from Django."""
    if "HTTP_ORIGIN" not in environ:
        return {}
    response = HttpResponse()
    del response["Content-Type"]
    request = WSGIRequest({**environ, "CONTENT_TYPE": ""})  # Django raises ValueError for a malformed one
    _middleware.add_response_headers(request, response)
    return dict(response.items())
