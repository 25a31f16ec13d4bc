"""Strict serializer fields for lists."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from tutorarc.api.fields import TypeIdField, refuse_type
from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.http.error_format import MAX_DETAILS

NOT_SHOWN = [ErrorDetail("", code="malformed_id")]


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
            refusal = serializers.ValidationError()
            # Assigned as it is: DRF would convert each of them.
            refusal.detail = dict(self._errors(data, wrong))  # type: ignore[arg-type]
            raise refusal
        return list(data)

    def _is_id(self, text: Any) -> bool:
        try:
            to_uuid(self.prefix, text)
        except (MalformedId, AttributeError):
            return False
        return True

    def _errors(self, data: list[Any], wrong: list[int]) -> Iterator[tuple[int, Any]]:
        """The errors of the elements. Those that no answer shows are only counted, and share one."""
        for index in wrong[:MAX_DETAILS]:
            try:
                self.child.run_validation(data[index])
            except serializers.ValidationError as error:
                yield index, error.detail
        yield from dict.fromkeys(wrong[MAX_DETAILS:], NOT_SHOWN).items()
