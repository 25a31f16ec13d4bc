"""Strict serializer fields for lists."""

from typing import Any

from rest_framework import serializers

from tutorarc.api.fields import TypeIdField, refuse_type
from tutorarc.db.ids import MalformedId, to_uuid


class StrictListField(serializers.ListField):
    """A list of limited length, which is checked before its elements: refusing a long one has to be cheap."""

    max_length: int

    def __init__(self, *, unit: str, min_length: int, max_length: int, **options: Any) -> None:
        wrong_length = f"Give {min_length} to {max_length} {unit}, not %(show_value)d."
        options["error_messages"] = {"min_length": wrong_length, "max_length": wrong_length}
        super().__init__(min_length=min_length, max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            refuse_type("Give a list", data, "not_a_list")
        if len(data) > self.max_length:
            self.run_validators(data)
        return super().to_internal_value(data)


class TypeIdListField(StrictListField):
    """A list of ids of one type, validated together; one by one only to report which are wrong."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(child=TypeIdField(prefix), unit="ids", **options)

    def run_child_validation(self, data: Any) -> list[Any]:
        try:
            for text in data:
                to_uuid(self.prefix, text)
        except (MalformedId, TypeError, AttributeError):
            return super().run_child_validation(data)
        return list(data)
