"""Strict filters for query parameters: unknown and empty values are refused."""

import re
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

import django_filters
from django import forms
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tutorarc.api.fields import NO_NUL_NOT_BLANK, opaque_id
from tutorarc.db.ids import TypeIDField
from tutorarc.domain.clock import datetime_fault, just_before, parse_datetime, start_of
from tutorarc.domain.text_fields import LONGEST_EXTERNAL_ID
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import not_a_choice

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TEXT = {"type": "string", "minLength": 1, "pattern": NO_NUL_NOT_BLANK}


def literal_error(message: str, code: str) -> forms.ValidationError:
    """An error whose message may contain a `%`: django-filter formats messages."""
    return forms.ValidationError("%(message)s", code=code, params={"message": message})


@extend_schema_field({**TEXT, "maxLength": 200})
class SearchFilter(django_filters.CharFilter):
    def __init__(self, method: str) -> None:
        super().__init__(method=method, label="Search", max_length=200)


class ChoiceField(django_filters.fields.ChoiceField):
    def validate(self, value: Any) -> None:
        try:
            super().validate(value)
        except forms.ValidationError:
            choices = [name for name, _ in self.choices if name]
            raise literal_error(not_a_choice(value, choices), "invalid_choice") from None


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of several names. The error lists them."""

    field_class = ChoiceField


@extend_schema_field({**TEXT, "maxLength": LONGEST_EXTERNAL_ID})
class ExternalIdFilter(django_filters.CharFilter):
    """Those with this id in the caller's system, compared exactly. Blanks around it are ignored, as they are stored."""

    def __init__(self) -> None:
        super().__init__(field_name="external_id", label="External id", max_length=LONGEST_EXTERNAL_ID)

    def filter(self, rows: Any, text: str) -> Any:
        return super().filter(rows, normalize("NFC", text))


class TypeIdFilter(django_filters.CharFilter):
    """Filter by an id. A malformed id is refused; an unknown one gives an empty list.

    Blanks around it are ignored. Where a permission depends on the parameter, give `strip=False`: the filter must read
    the text that was checked.
    """

    def __init__(self, prefix: str, field_name: str, **options: Any) -> None:
        validators = [TypeIDField(prefix).to_python]
        super().__init__(field_name=field_name, validators=validators, **options)
        extend_schema_field(opaque_id(prefix))(self)


class UtcDateTimeField(forms.CharField):
    takes_days = False  # a day from a date picker, which begins at midnight UTC

    def __init__(self, *, is_lower_bound: bool, **options: Any) -> None:
        self.is_lower_bound = is_lower_bound
        super().__init__(strip=False, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self._start_of(text) if self.takes_days and DAY.fullmatch(text) else parse_datetime(text)
        except ValueError:
            raise literal_error(datetime_fault(text), "invalid") from None

    def _start_of(self, day: str) -> datetime:
        """The filters leave out the moment itself, but midnight belongs to the day."""
        midnight = start_of(date.fromisoformat(day))
        return just_before(midnight) if self.is_lower_bound else midnight


class UtcDateTimeFilter(django_filters.IsoDateTimeFilter):
    """Later than a moment if `is_lower_bound`, else earlier."""

    field_class = UtcDateTimeField

    def __init__(self, *, is_lower_bound: bool, **options: Any) -> None:
        super().__init__(is_lower_bound=is_lower_bound, **options)


def is_for_page(request: Request | None) -> bool:
    """Whether the answer is shown as a page."""
    return getattr(getattr(request, "accepted_renderer", None), "format", "") == "api"


class StrictFilterSet(django_filters.FilterSet):
    """Filter set that refuses empty values, except from HTML forms, which send every field."""

    def get_form_class(self) -> type[forms.Form]:
        from_browser = is_for_page(self.request)
        blank = (
            [] if from_browser else [name for name in self.filters if name in self.data and not self.data[name].strip()]
        )

        class Form(super().get_form_class()):  # type: ignore[misc]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                for field in self.fields.values():
                    if isinstance(field, UtcDateTimeField):
                        field.takes_days = from_browser

            def clean(self) -> Any:
                for name in blank:
                    self.add_error(name, forms.ValidationError("Give a value, or leave it out.", code="blank"))
                return super().clean()

        return Form


class FilterBackend(DjangoFilterBackend):
    """Gives errors of query parameters their reason."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        try:
            return super().filter_queryset(request, queryset, view)
        except ValidationError as error:
            error.reason = ErrorReason.INVALID_PARAMETER  # type: ignore[attr-defined]
            raise
