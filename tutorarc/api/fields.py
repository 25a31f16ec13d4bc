"""Strict serializer fields and serializer: no type coercion and no unknown names in JSON. HTML forms are coerced."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.domain import email, text
from tutorarc.domain.clock import DATETIME_MESSAGE, parse_datetime

# Patterns of text fields in the schema: no NUL, not blank unless blank is allowed, no bidirectional overrides, and no
# control characters in one line.
NO_NUL_NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
BIDI_OVERRIDES = r"\u202a-\u202e\u2066-\u2069"
UNSAFE = r"\u0000-\u001f\u007f-\u009f\u2028\u2029" + BIDI_OVERRIDES
LINE = rf"^[^{UNSAFE}]*[^\s{UNSAFE}][^{UNSAFE}]*$"
TRIMMED_LINE = rf"^\s*[^\s{UNSAFE}]([^{UNSAFE}]*[^\s{UNSAFE}])?\s*$"
PROSE = rf"^[^\u0000{BIDI_OVERRIDES}]*$"
LONGEST_SPELLING = 4  # characters that one may be decomposed into

METHOD_OF_A_FORM = "_method"
FORM_FIELDS_OF_THE_BROWSER = {"csrfmiddlewaretoken", METHOD_OF_A_FORM}


def opaque_id(prefix: str) -> dict[str, Any]:
    """Schema of an id: only its prefix is part of the contract (docs/contract.md, "Ids")."""
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-z]+$"}


class FormValueMixin(serializers.Field[Any, Any, Any, Any]):
    """Treat an empty form field as empty text, or as null if allowed, where DRF would ignore it.

    Also normalises the CR LF line ends that browsers send.
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
    """Text on one line. Unlike CharField it refuses numbers, and text that is invisible or misleading."""

    clean: Callable[[str], str] = staticmethod(text.one_line)

    @property
    def pattern(self) -> str:
        return TRIMMED_LINE if self.trim_whitespace else LINE

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length and len(data) > LONGEST_SPELLING * self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return self.clean(super().to_internal_value(data))


class StrictProseField(StrictCharField):
    """Text on several lines."""

    pattern = PROSE
    clean: Callable[[str], str] = staticmethod(text.several_lines)


class EmailAddressField(serializers.EmailField):
    """An e-mail address, in its canonical form."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return email.canonical(data)


class TypeIdField(serializers.CharField):
    """An id of one type. A malformed id is refused; whether it exists is checked later."""

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
    """A list of ids of one type, validated together; one by one only to report which are wrong."""

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


def _from_form(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Whether the value comes from an HTML form, where everything is text."""
    return isinstance(getattr(field.root, "initial_data", None), QueryDict)


class StrictBooleanField(serializers.BooleanField):
    """true or false. Unlike BooleanField it refuses 1 and "yes" in JSON.

    An unticked checkbox isn't sent by a form: it means false for a required value, and no change in a PATCH.
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
    """A whole number (60.0 is one). Unlike IntegerField it refuses text and booleans in JSON."""

    def to_internal_value(self, data: Any) -> int:
        if not _from_form(self):
            if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
                self.fail("invalid")
            data = int(data)
        return super().to_internal_value(data)


class UtcDateTimeField(FormValueMixin, serializers.DateTimeField):
    """An RFC 3339 time with an offset, converted to UTC. Form values without an offset are UTC."""

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


class StrictSerializer(serializers.Serializer[Any]):
    """Serializer that refuses unknown and read-only fields, so that typos are reported."""

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
        # A form sends a list as user_ids or as user_ids[0].
        sent = {name.partition("[")[0] if isinstance(data, QueryDict) else name for name in data}
        message = "There is no such field here."
        return {str(name): [ErrorDetail(message, code="unknown_field")] for name in sorted(sent - known)}


@cache
def _shared_fields(serializer: type[StrictSerializer]) -> Any:
    return serializer().fields


class NoBody(StrictSerializer):
    """Serializer of actions without a body, which accept none or `{}`."""
