"""Strict serializer fields for lists."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import get_error_detail

from tutorarc.api.fields import EmailAddressField, TypeIdField, refuse_type
from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.domain import email
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


class TogetherListField(StrictListField):
    """Elements are validated together; one by one only to report which are wrong, because DRF's errors are slow."""

    def run_child_validation(self, data: Any) -> list[Any]:
        values = [self.valid(element) for element in data]
        if wrong := [index for index, value in enumerate(values) if value is None]:
            raise serializers.ValidationError(errors_of(wrong, lambda index: self._error(data[index])))  # type: ignore[arg-type]
        return values

    def valid(self, element: Any) -> str | None:
        """The element as it is stored; None if it is wrong."""
        raise NotImplementedError

    def _error(self, element: Any) -> Any:
        try:
            self.child.run_validation(element)
        except serializers.ValidationError as error:
            return error.detail
        except ValidationError as error:
            return get_error_detail(error)
        raise AssertionError("The child takes what the list refuses.")


class TypeIdListField(TogetherListField):
    """A list of ids of one type."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(child=TypeIdField(prefix), unit="ids", **options)

    def valid(self, element: Any) -> str | None:
        try:
            to_uuid(self.prefix, element)
        except (MalformedId, AttributeError, TypeError):
            return None
        return str(element)


class EmailListField(TogetherListField):
    """A list of e-mail addresses, in their canonical form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=EmailAddressField(), unit="addresses", **options)

    def valid(self, element: Any) -> str | None:
        try:
            return email.canonical(element)
        except (ValidationError, TypeError):
            return None


def errors_of(wrong: Sequence[int], error_of: Callable[[int], Any]) -> dict[int, Any]:
    """The errors of the elements at these indexes. Those that no answer shows are only counted."""
    errors = {index: error_of(index) for index in wrong[:MAX_DETAILS]}
    if omitted := wrong[MAX_DETAILS:]:
        errors[omitted[0]] = [ErrorDetail(str(len(omitted)), code=OMITTED)]
    return errors
