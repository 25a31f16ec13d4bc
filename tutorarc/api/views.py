from functools import cache
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import OpenApiExample
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAuthenticated
from tutorarc.api.serializers import MeSerializer
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.outage import RETRY_AFTER_SECONDS
from tutorarc.db.schema_check import check_columns, missing_migrations
from tutorarc.jobs.health import WORKER_MISSING, is_worker_missing

ME = {
    "id": "usr_456",
    "email": "alice@example.org",
    "display_name": "Alice",
    "global_role": "TEACHER",
    "status": "ACTIVE",
}


class MeViewSet(ApiViewSet):
    """The current user."""

    tag = "Me"
    serializer_class = MeSerializer

    @api_action(
        summary="Who am I?",
        permission=IsAuthenticated,
        scope=None,
        examples=[OpenApiExample("A teacher", value=ME, response_only=True)],
    )
    def retrieve(self, request: Request) -> Response:
        """The user that the API key or session belongs to. Needs no scope."""
        return self.answer(request.user)


@method_decorator(conditional_page, name="dispatch")
class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as JSON or YAML, with an ETag."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None
    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]

    def get(self, request: Request) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        text = openapi_text(renderer.__class__)
        return HttpResponse(text, content_type=f"{renderer.media_type}; charset=utf-8")


@cache
def openapi_text(renderer: type[BaseRenderer]) -> str | bytes:
    """The document in one format. YAML takes seconds to write, so each is written once per process."""
    return renderer().render(openapi_document(), renderer_context={})


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document. It is the same for everyone and takes half a second, so it is built once per process."""
    return SchemaGenerator().get_schema(request=None, public=True)


def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process is up."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 if the database is reachable, migrated and has every column; otherwise 503 with the reason.

    A server without a worker is ready: it answers requests. That a worker is missing is a `warning` of its answer.
    """
    try:
        missing = missing_migrations()
    except Error:
        return _not_ready("The database can't be reached.")
    if missing:
        return _not_ready(f"{len(missing)} migrations are not applied.")
    try:
        check_columns()
    except Error:
        return _not_ready("The database lacks a table or column that this version reads.")
    return JsonResponse({"status": "ok"} | ({"warning": WORKER_MISSING} if is_worker_missing() else {}))


def _not_ready(reason: str) -> JsonResponse:
    return JsonResponse(
        {"status": "unavailable", "reason": reason}, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
    )
