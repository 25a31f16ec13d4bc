"""Strict serializer fields for lists."""

from collections.abc import Callable, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from tutorarc.api.fields import TypeIdField, refuse_type
from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.http.error_format import MAX_DETAILS, OMITTED


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
        wrong = [index for index, text in enumerate(data) if not self._is_id(text)]
        if wrong:
            raise serializers.ValidationError(errors_of(wrong, lambda index: self._error(data[index])))  # type: ignore[arg-type]
        return list(data)

    def _is_id(self, text: Any) -> bool:
        try:
            to_uuid(self.prefix, text)
        except (MalformedId, AttributeError, TypeError):
            return False
        return True

    def _error(self, text: Any) -> Any:
        try:
            self.child.run_validation(text)
        except serializers.ValidationError as error:
            return error.detail
        raise AssertionError("The child takes what the list refuses.")


def errors_of(wrong: Sequence[int], error_of: Callable[[int], Any]) -> dict[int, Any]:
    """The errors of the elements at these indexes. Those that no answer shows are only counted."""
    errors = {index: error_of(index) for index in wrong[:MAX_DETAILS]}
    if omitted := wrong[MAX_DETAILS:]:
        errors[omitted[0]] = [ErrorDetail(str(len(omitted)), code=OMITTED)]
    return errors
