"""Serializer fields and a serializer that take JSON at its word: no coercion, no unknown names. Forms keep theirs."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from tutorarc.ids import MalformedId, to_uuid

# What a text field refuses, for the schema: NUL always, and blank text unless it may be blank.
NO_NUL = r"^[^\u0000]*$"
NO_NUL_NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"

FORM_FIELDS_OF_THE_BROWSER = {"csrfmiddlewaretoken"}


class StrictCharField(serializers.CharField):
    """Text. Unlike CharField it takes no number for a string."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TypeIdField(serializers.CharField):
    """An id of one type. A malformed one is refused here; whether it names something is the verb's business."""

    default_error_messages = {"malformed_id": "This is not an id of the form {prefix}_…."}

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        try:
            to_uuid(self.prefix, data if isinstance(data, str) else "")
        except MalformedId:
            self.fail("malformed_id", prefix=self.prefix)
        return data


class StrictSerializer(serializers.Serializer):
    """Refuses fields it doesn't know, the read-only ones too: a typo must not pass silently."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail: Any = error.detail
            raise serializers.ValidationError({**detail, **unknown}) from None
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {field.field_name for field in self._writable_fields}
        if isinstance(data, QueryDict):
            known |= FORM_FIELDS_OF_THE_BROWSER
        # A list in a form comes as user_ids or as user_ids[0].
        sent = {name.partition("[")[0] if isinstance(data, QueryDict) else name for name in data}
        message = "There is no such field here."
        return {str(name): [ErrorDetail(message, code="unknown_field")] for name in sorted(sent - known)}


class NoBody(StrictSerializer):
    """An action without a body takes none, or `{}`."""
