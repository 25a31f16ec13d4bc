"""The OpenAPI document, drawn from what the viewsets declare, so that it can't drift from them."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiExample

from tutorarc.errors import CODES, Detail, envelope
from tutorarc.fields import NO_NUL, NO_NUL_NOT_BLANK, NoBody, StrictCharField

WITH_BODY = ("POST", "PATCH")
ID_PREFIXES = {"class_id": "cls", "user_id": "usr"}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
REQUEST_ID = {"X-Request-ID": {"schema": {"type": "string"}, "description": "Stands in our log for this request."}}

ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Every error has this one shape.",
    "additionalProperties": False,
    "required": ["status", "error"],
    "properties": {
        "status": {"type": "string", "const": "error"},
        "error": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "message", "request_id", "details"],
            "properties": {
                "code": {
                    "type": "string",
                    "enum": ["VALIDATION_ERROR", *[code for code, _ in CODES.values()]],
                },
                "message": {"type": "string", "description": "One sentence for a person."},
                "request_id": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["field", "code", "message"],
                        "properties": {
                            "field": {"type": "string", "description": "A path such as user_ids[1]."},
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        },
    },
}


def opaque_id(prefix: str) -> dict[str, Any]:
    """Ids are opaque but for their prefix (API.md), so no more than that is promised."""
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-z]+$"}


class Schema(AutoSchema):
    """Reads an ApiViewSet: its serializers, success statuses, examples, and the errors its calls can give."""

    view: Any

    def get_operation(self, *args: Any) -> Any:
        operation = super().get_operation(*args)
        if operation is not None:
            operation["responses"].update({str(status): self._error(status) for status in self._error_statuses()})
            for status, response in operation["responses"].items():
                response.setdefault("headers", {}).update(REQUEST_ID)
                response["description"] = response["description"] or HTTPStatus(int(status)).phrase
        return operation

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_summary(self) -> str | None:
        return self.view.summaries.get(self.view.action)

    def get_operation_id(self) -> str:
        return f"{self.view.tag.lower().replace(' ', '_')}_{self.view.action}"

    def get_examples(self) -> list[OpenApiExample]:
        return self.view.examples.get(self.view.action, [])

    def get_override_parameters(self) -> list[Any]:
        return self.view.extra_parameters

    def get_request_serializer(self) -> Any:
        return self.view.get_serializer_class()

    def get_response_serializers(self) -> Any:
        action = self.view.action
        many = action == "list" or action in self.view.answers_array
        return {self.view.success.get(action, 200): self.view.serializer_class(many=many)}

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self.view.action == "list" else None

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method in WITH_BODY and self.get_request_serializer() is NoBody:
            empty = {"type": "object", "additionalProperties": False, "maxProperties": 0}
            return {"content": {"application/json": {"schema": empty, "example": {}}}}
        return super()._get_request_body(direction)

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        optional: set[str] = getattr(serializer, "shown_on_demand", set())
        required = [name for name in schema.get("required", []) if name not in optional]
        return (
            schema
            | ({"required": required} if required else {})
            | {"additionalProperties": False}
            | getattr(serializer, "schema_says_too", {})
        )

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        super()._insert_field_validators(field, schema)
        if isinstance(field, StrictCharField):
            schema["pattern"] = NO_NUL if field.allow_blank else NO_NUL_NOT_BLANK

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "path", "required": True, "schema": opaque_id(ID_PREFIXES[name])} for name in variables
        ]

    def _error_statuses(self) -> list[int]:
        statuses = {400, 401, 403, 406, 500, 503}
        if self.method in WITH_BODY:
            statuses |= {413, 415}
        if "{" in self.path:
            statuses.add(404)
        statuses |= self.view.further_errors.get(self.view.action, set())
        return sorted(statuses)

    def _error(self, status: int) -> dict[str, Any]:
        component = ResolvedComponent("Error", ResolvedComponent.SCHEMA, schema=ERROR, object="Error")
        self.registry.register_on_missing(component)
        content = {"schema": component.ref, "examples": _error_examples(status)}
        answer = {"description": CODES[status][1], "content": {"application/json": content}}
        return answer | ({"headers": dict(RETRY_AFTER)} if status in (429, 503) else {})


def _error_examples(status: int) -> dict[str, Any]:
    """One example for each code of a status: 400 has two."""
    codes = {CODES[status][0]: envelope(status, "req_7f3c")}
    if status == 400:
        wrong = Detail("title", "blank", "This field may not be blank.")
        codes["VALIDATION_ERROR"] = envelope(
            400, "req_7f3c", code="VALIDATION_ERROR", message=wrong.message, details=[wrong]
        )
    return {code: {"value": value} for code, value in codes.items()}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "apikeys.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "Use your API key directly in the X-API-Key header. No Bearer token or OAuth is required.",
        }


class TypeIdFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "tutorarc.fields.TypeIdField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return opaque_id(self.target.prefix)
