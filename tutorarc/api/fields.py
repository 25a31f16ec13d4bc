"""Serializer fields and a serializer that take JSON at its word: no coercion, no unknown names. Forms keep theirs."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.domain.clock import DATETIME_MESSAGE, parse_datetime

# What a text field refuses, for the schema: NUL always, and blank text unless it may be blank.
NO_NUL = r"^[^\u0000]*$"
NO_NUL_NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"

METHOD_OF_A_FORM = "_method"
FORM_FIELDS_OF_THE_BROWSER = {"csrfmiddlewaretoken", METHOD_OF_A_FORM}


def opaque_id(prefix: str) -> dict[str, Any]:
    """Ids are opaque but for their prefix (API.md), so no more than that is promised."""
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-z]+$"}


class FormValueMixin(serializers.Field):
    """An empty field of a form is empty text, or null where that may be; DRF passes over one that isn't required.

    And a browser sends what was typed on several lines with CR LF.
    """

    def get_value(self, dictionary: Any) -> Any:
        name = str(self.field_name)
        if isinstance(dictionary, QueryDict) and name in dictionary:
            sent = dictionary[name]
            if self.allow_null and sent == "":
                return None
            return sent.replace("\r\n", "\n") if isinstance(sent, str) else sent
        return super().get_value(dictionary)


class StrictCharField(FormValueMixin, serializers.CharField):
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


class TypeIdListField(serializers.ListField):
    """Ids of one type, judged in one go; only where that fails, one by one to tell which are wrong."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(child=TypeIdField(prefix), **options)

    def run_child_validation(self, data: Any) -> list[Any]:
        try:
            for text in data:
                to_uuid(self.prefix, text)
        except (MalformedId, TypeError, AttributeError):
            return super().run_child_validation(data)
        return list(data)


def _from_form(field: serializers.Field) -> bool:
    """Whether the value came in an HTML form, where everything is text."""
    return isinstance(getattr(field.root, "initial_data", None), QueryDict)


class StrictBooleanField(serializers.BooleanField):
    """true or false. Unlike BooleanField it takes no 1 and no "yes", but in a form.

    In a form an unticked box isn't sent. That means false where a value is due; a change leaves alone what it lacks.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not self.required and self.default is empty:
            self.default_empty_html = empty

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool) and not _from_form(self):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class StrictIntegerField(FormValueMixin, serializers.IntegerField):
    """A whole number; 60.0 is one. Unlike IntegerField it takes no text and no boolean, but in a form."""

    def to_internal_value(self, data: Any) -> int:
        if not _from_form(self):
            if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
                self.fail("invalid")
            data = int(data)
        return super().to_internal_value(data)


class UtcDateTimeField(FormValueMixin, serializers.DateTimeField):
    """RFC 3339 with an offset, in UTC. A form's date-time picker sends no offset: it is taken for UTC."""

    default_error_messages = {"moment": DATETIME_MESSAGE, "picked": "Pick a day and a time."}

    def to_internal_value(self, value: Any) -> datetime:
        text = value if isinstance(value, str) else ""
        try:
            return parse_datetime(text)
        except ValueError:
            if not _from_form(self):
                self.fail("moment")
        try:
            return super().to_internal_value(value)
        except serializers.ValidationError:
            self.fail("picked")


class StrictSerializer(serializers.Serializer):
    """Refuses fields it doesn't know, the read-only ones too: a typo must not pass silently."""

    @cached_property
    def fields(self) -> Any:
        """All bodies in JSON share a set: to copy it for each takes longer than to judge one. They keep no state."""
        in_json = type(getattr(self, "initial_data", None)) is dict
        return _shared_fields(type(self)) if in_json else super().fields

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


@cache
def _shared_fields(serializer: type[StrictSerializer]) -> Any:
    return serializer().fields


class NoBody(StrictSerializer):
    """An action without a body takes none, or `{}`."""
