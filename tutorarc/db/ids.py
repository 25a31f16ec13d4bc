"""TypeIDs (typeid.io): a prefix, `_`, and a UUIDv7 in 26 base32 characters, stored as a uuid column.

Ids of one type sort by creation time, to the millisecond, so they serve as creation time and as list order.
"""

import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from typeid.base32 import decode, encode
from uuid_utils.compat import uuid7

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LAST_MILLISECOND = 2**48 - 1

# The first character has three bits only: 8 to z would exceed 128 bits.
_SUFFIX = re.compile("[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)


class MalformedId(ValueError):
    """The text is not an id of this type."""


def to_text(prefix: str, value: uuid.UUID) -> str:
    return f"{prefix}_{encode(value.bytes)}"


@lru_cache(maxsize=10_000)  # a request converts the same ids again and again
def to_uuid(prefix: str, text: str) -> uuid.UUID:
    """Raises MalformedId, and AttributeError or TypeError for what is no text."""
    head, _, suffix = text.rpartition("_")
    if head != prefix or not _SUFFIX.fullmatch(suffix):
        raise MalformedId(text)
    return uuid.UUID(bytes=bytes(decode(suffix)))


def moment_of(prefix: str, text: str) -> datetime:
    """Creation time of an id in UTC, to the millisecond."""
    return EPOCH + int.from_bytes(to_uuid(prefix, text).bytes[:6]) * MILLISECOND


def first_id_from(prefix: str, moment: datetime) -> str:
    """The lowest possible id created at `moment` or later."""
    return _lowest_id(prefix, -((EPOCH - moment) // MILLISECOND))


def first_id_after(prefix: str, moment: datetime) -> str:
    """The lowest possible id created after `moment`."""
    return _lowest_id(prefix, (moment - EPOCH) // MILLISECOND + 1)


def _lowest_id(prefix: str, milliseconds: int) -> str:
    within_range = min(max(milliseconds, 0), LAST_MILLISECOND)
    return to_text(prefix, uuid.UUID(bytes=within_range.to_bytes(6) + bytes(10)))


class TypeIDField(models.UUIDField[Any, Any]):
    """A uuid column whose Python value is the id's text (`cls_01h…`). Primary keys get a new id by default."""

    description = "TypeID"
    _pyi_private_set_type: str  # for the type checker
    _pyi_private_get_type: str  # type: ignore[assignment]
    _pyi_lookup_exact_type: str

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        if options.get("primary_key"):
            options.setdefault("default", self.new)
            options.setdefault("editable", False)
        super().__init__(**options)

    def new(self) -> str:
        return to_text(self.prefix, uuid7())

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("default", None)
        return name, path, [self.prefix, *args], options

    def to_python(self, value: Any) -> str | None:
        """Raises ValidationError for anything but an id of this type, a UUID or None."""
        if value is None:
            return None
        if isinstance(value, uuid.UUID):
            return to_text(self.prefix, value)
        try:
            to_uuid(self.prefix, str(value))
        except MalformedId:
            raise ValidationError(f"This is not an id of the form {self.prefix}_….", code="malformed_id") from None
        return str(value)

    def from_db_value(self, value: uuid.UUID | None, _expression: Any, _connection: Any) -> str | None:
        return None if value is None else f"{self.prefix}_{encode(value.bytes)}"  # to_text, once for each id on a page

    def get_prep_value(self, value: Any) -> uuid.UUID | None:
        """Raises ValidationError if the value is not an id of this type."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        try:
            return to_uuid(self.prefix, str(value))
        except MalformedId:
            self.to_python(value)
            raise

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        as_uuid = value if prepared else self.get_prep_value(value)
        return as_uuid if as_uuid is None or connection.features.has_native_uuid_field else as_uuid.hex

    def formfield(self, **options: Any) -> Any:
        return models.Field.formfield(self, form_class=forms.CharField, **options)


class IdDateTimeField(models.DateTimeField[Any, datetime]):
    """A time that defaults to the creation time in the row's id, so that a range of times is a range of ids."""

    def __init__(self, **options: Any) -> None:
        options["editable"] = False
        super().__init__(**options)

    def pre_save(self, instance: models.Model, add: bool) -> datetime:
        key = instance._meta.pk
        if add and isinstance(key, TypeIDField):  # history rows keep the given time
            setattr(instance, self.attname, moment_of(key.prefix, instance.pk))
        return getattr(instance, self.attname)
