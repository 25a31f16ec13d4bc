"""The base class of serializers, which refuses names that it doesn't know."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NoReturn

from django.http import QueryDict
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from tutorarc.api.fields import FORM_FIELDS_OF_THE_BROWSER
from tutorarc.http.error_format import MAX_DETAILS
from tutorarc.http.error_words import did_you_mean, no_such


class InvalidFields(serializers.ValidationError):
    """Wrong fields. `omitted` counts those without a detail, so that refusing many is cheap."""

    def __init__(self, detail: dict[str, Any], omitted: int) -> None:
        super().__init__(detail)
        self.omitted = omitted


class StrictSerializer(serializers.Serializer[Any]):
    """Serializer that refuses unknown and read-only fields, so that typos are reported."""

    similar_names: ClassVar[Sequence[str]] = ()  # of another body of the same call, suggested for a typo

    @cached_property
    def fields(self) -> Any:
        """Fields shared by all JSON instances: they have no state, and copying takes longer than validating."""
        in_json = type(getattr(self, "initial_data", None)) is dict
        return _shared_fields(type(self)) if in_json else super().fields

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            self._refuse(unknown, error.detail)
        if unknown:
            self._refuse(unknown, {})
        return value

    def _unknown(self, data: Any) -> list[str]:
        """The unknown names, in the order sent."""
        if not isinstance(data, Mapping):
            return []
        known = {field.field_name for field in self._writable_fields}
        if not isinstance(data, QueryDict):
            return [name for name in data if name not in known]
        # A form sends a list as user_ids or as user_ids[0].
        sent = dict.fromkeys(name.partition("[")[0] for name in data)
        return [name for name in sent if name not in known | FORM_FIELDS_OF_THE_BROWSER]

    def _refuse(self, unknown: Sequence[str], errors: Any) -> NoReturn:
        """Raises InvalidFields with these names, and with the errors of known fields."""
        named = unknown[:MAX_DETAILS]
        messages = {name: [ErrorDetail(self._about(name), code="unknown_field")] for name in named}
        raise InvalidFields({**errors, **messages}, omitted=len(unknown) - len(named))

    def _about(self, name: str) -> str:
        known = list(_shared_fields(type(self)))
        answer = getattr(self.context.get("view"), "serializer_class", None)
        if answer and name in _shared_fields(answer) and not did_you_mean(name, known):
            return "This field can't be set here."
        return no_such("field", name, known, self.similar_names)


@cache
def _shared_fields(serializer: type[serializers.Serializer[Any]]) -> Any:
    return serializer().fields


class NoBody(StrictSerializer):
    """Serializer of actions without a body, which accept none or `{}`."""
