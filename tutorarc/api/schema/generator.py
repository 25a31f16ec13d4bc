"""drf-spectacular extensions: the OpenAPI document is generated from the viewsets' declarations."""

import json
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer
from rest_framework.serializers import ListSerializer

from tutorarc.api.fields import StrictCharField, opaque_id
from tutorarc.api.idempotency import HEADER, KEY_PATTERN
from tutorarc.api.permissions import AllowAny, who_may
from tutorarc.api.schema.code_samples import code_samples
from tutorarc.api.schema.error_list import REASONS
from tutorarc.api.schema.errors import ERROR, LIMITS, error_answer, listed, shared_reasons
from tutorarc.api.schema.operation_ids import operation_id
from tutorarc.api.schema.possible_errors import Reason, possible_reasons, reason_of
from tutorarc.api.schema.reference import PARAMETERS
from tutorarc.api.strict_serializer import NoBody

WITH_BODY = ("POST", "PATCH")
PATH_IDS = {
    "class_id": ("cls_123", "The class."),
    "user_id": ("usr_456", "The person."),
    "invitation_id": ("inv_123", "The invitation."),
    "session_id": ("session_abc123", "The live session."),
    "series_id": ("ser_abc123", "The series."),
    "key_id": ("key_123", "The API key."),
    "webhook_id": ("whk_123", "The webhook."),
    "delivery_id": ("dlv_123", "The delivery."),
}
REPLAYED = {
    "Idempotency-Replayed": {
        "schema": {"type": "string", "const": "true"},
        "description": "There if this answer was given before, to the same Idempotency-Key.",
    }
}
LOCATION = {
    "Location": {
        "schema": {"type": "string", "format": "uri"},
        "description": "The address of what was created.",
    }
}
REQUEST_ID = {"X-Request-ID": {"schema": {"type": "string"}, "description": "Stands in our log for this request."}}
IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "description": "Repeat a request safely: the first answer is kept for 24 hours and given again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": KEY_PATTERN},
}


class Schema(AutoSchema):
    """Schema of an ApiViewSet: its serializers, status codes, examples and errors."""

    view: Any

    def get_operation(self, *args: Any) -> Any:
        operation = super().get_operation(*args)
        if operation is not None:
            for status, response in operation["responses"].items():
                response.setdefault("headers", {}).update(REQUEST_ID | LIMITS)
                response["headers"] |= REPLAYED if self.method == "POST" and status < "300" else {}
                response["headers"] |= LOCATION if status == "201" else {}
                response["description"] = response["description"] or HTTPStatus(int(status)).phrase
            reasons = self._reasons()
            operation["responses"] |= {str(status): self._error(status, reasons[status]) for status in reasons}
            operation[REASONS] = [reason for group in reasons.values() for reason in group]
            operation["x-codeSamples"] = code_samples(self.method, self.path, operation)
        return operation

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters = super()._get_parameters()
        filters = PARAMETERS if self.view.action == "list" else {}
        for parameter in parameters:
            if parameter["in"] == "query":
                parameter["description"] = filters.get(parameter["name"]) or parameter["description"]
        return [*parameters, IDEMPOTENCY_KEY] if self.method == "POST" else parameters

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_summary(self) -> str | None:
        return self.view.spec.summary

    def get_description(self) -> str:  # type: ignore[override]
        """The action's docstring, its permission and its scope."""
        who = f"**Who:** {who_may(self.view.spec.permission)}."
        scopes = " or ".join(f"`{scope}`" for scope in self.view.spec.scopes)
        return "\n\n".join([super().get_description(), f"{who} **Scope:** {scopes}." if scopes else who])

    def get_operation_id(self) -> str:
        return operation_id(self.view.tag, self.view.action, many=self.view.spec.many)

    def get_examples(self) -> list[OpenApiExample]:
        return list(self.view.spec.examples)

    def get_auth(self) -> list[dict[str, Any]]:
        """API key or cookie; `{}` if the call needs no credential."""
        schemes = [scheme for scheme in super().get_auth() if "ApiKey" not in scheme or not self.view.cookie_only]
        return [*schemes, {}] if self.view.spec.permission is AllowAny else schemes

    def _get_examples(self, serializer: Any, *args: Any, **options: Any) -> Any:
        """Use an array example as it is: drf-spectacular would wrap it in another array."""
        is_array = self._answers_array() and isinstance(serializer, ListSerializer)
        return super()._get_examples(serializer.child if is_array else serializer, *args, **options)

    def get_override_parameters(self) -> list[Any]:
        return self.view.extra_parameters

    def get_request_serializer(self) -> Any:
        return self.view.get_serializer_class()

    def get_response_serializers(self) -> Any:
        spec = self.view.spec
        if spec.status == 204:
            return {204: None}
        return {spec.status: spec.response or self.view.serializer_class(many=spec.many)}

    def _answers_array(self) -> bool:
        return self.view.spec.many and self.view.action != "list"

    def get_filter_backends(self) -> list[Any]:
        return super().get_filter_backends() if self.view.action == "list" else []

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self.view.action == "list" else None

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method in WITH_BODY and self.get_request_serializer() is NoBody:
            empty = {"type": "object", "additionalProperties": False, "maxProperties": 0}
            return {"content": {"application/json": {"schema": empty, "example": {}}}}
        body = super()._get_request_body(direction)
        if isinstance(self.get_request_serializer(), PolymorphicProxySerializer):
            body["required"] = True
        return body

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        optional: set[str] = getattr(serializer, "shown_on_demand", set())
        required = [name for name in schema.get("required", []) if name not in optional]
        if direction == "request":
            schema["properties"] = {name: _default_in_words(field) for name, field in schema["properties"].items()}
        return (
            schema
            | ({"required": required} if required else {})
            | ({"additionalProperties": False} if direction == "request" else {})  # answers may gain fields
            | getattr(serializer, "schema_says_too", {})
        )

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        super()._insert_field_validators(field, schema)
        if isinstance(field, StrictCharField):
            schema["pattern"] = field.pattern
        if unit := getattr(field, "unit", ""):
            schema["x-unit"] = unit  # for the reference

    def _resolve_path_parameters(self, variables: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": opaque_id(example.partition("_")[0]),
                "example": example,
            }
            for name in variables
            for example, description in [PATH_IDS[name]]
        ]

    def _reasons(self) -> dict[int, list[Reason]]:
        """Why this operation may fail, by status."""
        reasons = possible_reasons(self.view, self.view.action, self.method, has_ids="{" in self.path)
        by_status = sorted(reasons, key=attrgetter("status"))
        return {status: list(group) for status, group in groupby(by_status, attrgetter("status"))}

    def _error(self, status: int, reasons: list[Reason]) -> dict[str, Any]:
        """Reference to a shared error response, which keeps the document small; in full for an action's own errors."""
        shape = ResolvedComponent("Error", ResolvedComponent.SCHEMA, schema=ERROR, object="Error")
        self.registry.register_on_missing(shape)
        own = [reason for reason in map(reason_of, self.view.spec.errors) if reason.status == status]
        answer = error_answer(shape.ref, REQUEST_ID, own or shared_reasons(status))
        if own:
            return answer | {"description": f"{answer['description']}\n\n{listed(reasons)}"}
        name = HTTPStatus(status).phrase.replace(" ", "")
        component = ResolvedComponent(name, ResolvedComponent.RESPONSE, schema=answer, object=name)
        self.registry.register_on_missing(component)
        return component.ref


def _default_in_words(field: dict[str, Any]) -> dict[str, Any]:
    """Move defaults into descriptions: openapi-typescript treats fields with a default as required."""
    if "default" not in field:
        return field
    default = json.dumps(field["default"]) if field["default"] != "" else "empty"
    said = f"{field.get('description', '')} By default {default}.".strip()
    return {name: value for name, value in field.items() if name != "default"} | {"description": said}


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


class CookieScheme(SessionScheme):
    target_class = "tutorarc.api.authentication.CookieAuthentication"


class TypeIdFieldSchema(OpenApiSerializerFieldExtension):
    target_class = "tutorarc.api.fields.TypeIdField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return opaque_id(self.target.prefix)
