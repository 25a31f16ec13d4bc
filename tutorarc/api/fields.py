"""Strict serializer fields: no type coercion in JSON. HTML forms are coerced."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.fields import empty

from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.domain import email, text, time_zones, web_addresses
from tutorarc.domain.clock import A_DATETIME, datetime_fault, parse_datetime
from tutorarc.domain.text_fields import LONGEST_EXTERNAL_ID
from tutorarc.http.error_words import kind_of, not_a_choice

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


def refuse_type(wanted: str, data: Any, code: str = "invalid") -> NoReturn:
    """Raises ValidationError for a value of the wrong type: `Give text, not a number.`"""
    raise serializers.ValidationError(f"{wanted}, not {kind_of(data)}.", code=code)


class StrictCharField(FormValueMixin, serializers.CharField):
    """Text on one line. Unlike CharField it refuses numbers, and text that is invisible or misleading."""

    clean: Callable[[str], str] = staticmethod(text.one_line)

    @property
    def pattern(self) -> str:
        return TRIMMED_LINE if self.trim_whitespace else LINE

    default_error_messages = {"max_length": "Give at most {max_length} characters, not %(show_value)d."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            refuse_type("Give text", data)
        if self.max_length and len(data) > LONGEST_SPELLING * self.max_length:
            self._refuse_length(data)
        return self.clean(super().to_internal_value(data))

    def _refuse_length(self, data: str) -> NoReturn:
        """Raises ValidationError without reading the text."""
        message = self.error_messages["max_length"].format(max_length=self.max_length)
        raise serializers.ValidationError(message % {"show_value": len(data)}, code="max_length")


class StrictProseField(StrictCharField):
    """Text on several lines."""

    pattern = PROSE
    clean: Callable[[str], str] = staticmethod(text.several_lines)


class ExternalIdField(StrictCharField):
    """The id of an object in the caller's system; null for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_EXTERNAL_ID, allow_null=True, **options)


class TimeZoneField(StrictCharField):
    """The IANA name of a time zone."""

    clean: Callable[[str], str] = staticmethod(time_zones.known)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=time_zones.MAX_LENGTH, **options)


class HttpsAddressField(StrictCharField):
    """Address of a page on another site, in the form in which it is stored; null for none."""

    pattern = r"^\s*[Hh][Tt][Tt][Pp][Ss]://[^\s/@]+([/?#]\S*)?\s*$"
    clean: Callable[[str], str] = staticmethod(web_addresses.https_address)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=web_addresses.MAX_LENGTH, allow_null=True, **options)


class EmailAddressField(serializers.EmailField):
    """An e-mail address, in its canonical form."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            refuse_type("Give text", data)
        return email.canonical(data)


class StrictChoiceField(serializers.ChoiceField):
    """One of several names. The error lists them."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(not_a_choice(data, list(self.choices)), code="invalid_choice")
        return data


class TypeIdField(serializers.CharField):
    """An id of one type. A malformed id is refused; whether it exists is checked later."""

    default_error_messages = {"malformed_id": "This is not an id of the form {prefix}_…."}

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            refuse_type(f"Give an id of the form {self.prefix}_…", data, "malformed_id")
        try:
            to_uuid(self.prefix, data)
        except MalformedId:
            self.fail("malformed_id", prefix=self.prefix)
        return data


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
            refuse_type("Give true or false", data)
        return super().to_internal_value(data)


class StrictIntegerField(FormValueMixin, serializers.IntegerField):
    """A whole number (60.0 is one) of a unit. Unlike IntegerField it refuses text and booleans in JSON."""

    def __init__(self, *, unit: str, min_value: int, max_value: int, **options: Any) -> None:
        self.unit = unit
        self.wanted = f"Give a whole number of {unit} from {min_value} to {max_value}"
        out_of_range = f"{self.wanted}, not %(show_value).20s."
        invalid = f"{self.wanted}."
        options["error_messages"] = {"invalid": invalid, "min_value": out_of_range, "max_value": out_of_range}
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        if not _from_form(self):
            if isinstance(data, bool) or not isinstance(data, int | float):
                refuse_type(self.wanted, data)
            if data != int(data):
                raise serializers.ValidationError(f"{self.wanted}, not {data}.", code="invalid")
            data = int(data)
        return super().to_internal_value(data)


class UtcDateTimeField(FormValueMixin, serializers.DateTimeField):
    """An RFC 3339 time with an offset, converted to UTC. Form values without an offset are UTC."""

    default_error_messages = {"picked": "Pick a day and a time."}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            refuse_type(A_DATETIME.removesuffix("."), value, "moment")
        try:
            return parse_datetime(value)
        except ValueError:
            if not _from_form(self):
                raise serializers.ValidationError(datetime_fault(value), code="moment") from None
        try:
            return super().to_internal_value(value)
        except serializers.ValidationError:
            self.fail("picked")
