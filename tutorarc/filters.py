"""Filters that take a query parameter at its word, as the fields of a body do."""

import re
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema_field

from tutorarc.fields import NO_NUL_NOT_BLANK

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
MESSAGE = "Give a date and time with an offset, such as 2026-03-14T09:30:00Z (a + in an address is written %2B)."


def parse_moment(text: str) -> datetime:
    """RFC 3339 with an offset, in UTC. Raises ValueError, for times outside the years 1 to 9999 too."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 200, "pattern": NO_NUL_NOT_BLANK})
class SearchFilter(django_filters.CharFilter):
    def __init__(self, method: str) -> None:
        super().__init__(method=method, label="Search", max_length=200)


class MomentField(forms.CharField):
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_moment(text)
        except ValueError:
            raise forms.ValidationError(MESSAGE, code="invalid") from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class StrictFilterSet(django_filters.FilterSet):
    """Refuses an empty value, which django-filter passes over. A form in a browser sends those it wasn't given."""

    def get_form_class(self) -> type[forms.Form]:
        from_browser = getattr(getattr(self.request, "accepted_renderer", None), "format", "") == "api"
        blank = (
            [] if from_browser else [name for name in self.filters if name in self.data and not self.data[name].strip()]
        )

        class Form(super().get_form_class()):  # type: ignore[misc]
            def clean(self) -> Any:
                for name in blank:
                    self.add_error(name, forms.ValidationError("Give a value, or leave it out.", code="blank"))
                return super().clean()

        return Form
