"""Response envelope of live sessions: `{"status": "success", "data": …}`."""

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from tutorarc.api.pagination import KeysetPagination


def success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


STATUS = {"type": "string", "const": "success", "description": "Always `success`; an error has `error` here."}


@extend_schema_field(STATUS)
class SuccessField(serializers.CharField):
    pass


@cache
def answer_of(serializer: type[serializers.BaseSerializer[Any]]) -> Any:
    """Serializer of the envelope around one object, for the OpenAPI document."""
    name = serializer.__name__.removesuffix("Serializer")
    fields = {"status": SuccessField(), "data": serializer(help_text="What you asked for.")}
    return inline_serializer(f"{name}Answer", fields)


@cache
def list_answer_of(serializer: type[serializers.BaseSerializer[Any]]) -> Any:
    """Serializer of the envelope around several objects that are no page of a list, for the OpenAPI document."""
    name = serializer.__name__.removesuffix("Serializer")
    fields = {"status": SuccessField(), "data": serializer(many=True, help_text="What you asked for.")}
    return inline_serializer(f"{name}ListAnswer", fields)


class EnvelopePagination(KeysetPagination):
    def get_paginated_response(self, data: Any) -> Response:
        return Response({**success(data), "next": self.next_link(), "previous": self.previous_link()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        rows = page["properties"].pop("results")
        properties = {"status": STATUS | {"example": "success"}, "data": rows, **page["properties"]}
        return {**page, "required": list(properties), "properties": properties}
