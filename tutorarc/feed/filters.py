from datetime import datetime
from itertools import groupby
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from tutorarc.api.filters import StrictFilterSet, TypeIdFilter, UtcDateTimeFilter, literal_error
from tutorarc.http.error_words import did_you_mean, join_names
from tutorarc.models import Event
from tutorarc.models.event_types import PUBLIC_TYPES


class TypesField(forms.MultipleChoiceField):
    def clean(self, value: Any) -> Any:
        return super().clean([text for text in value or () if text])  # an HTML form also sends an empty one

    def validate(self, value: Any) -> None:
        for text in value:
            if not self.valid_value(text):
                raise literal_error(no_such_type(text), "invalid_choice")


class TypesFilter(django_filters.MultipleChoiceFilter):
    """Event types, one or more."""

    field_class = TypesField


def no_such_type(text: str) -> str:
    """`There is no such event type. Did you mean class.updated?`, or a list of all."""
    if question := did_you_mean(text, PUBLIC_TYPES):
        return f"There is no such event type.{question}"
    families = groupby((name.partition(".") for name in PUBLIC_TYPES), key=lambda parts: parts[0])
    listed = [f"{family}.{'/'.join(what for *_, what in parts)}" for family, parts in families]
    return f"Give {join_names(listed)}."


class EventFilter(StrictFilterSet):
    class_id = TypeIdFilter("cls", field_name="class_id", method="unchanged", strip=False)
    session_id = TypeIdFilter("session", field_name="session_id", method="of_session", strip=False)
    type = TypesFilter(choices=[(name, name) for name in PUBLIC_TYPES], method="unchanged", label="Type")
    user_id = TypeIdFilter("usr", field_name="user_id", strip=False)
    created_after = UtcDateTimeFilter(is_lower_bound=True, method="later", label="Created after")

    class Meta:
        model = Event
        fields: list[str] = []

    def of_session(self, events: QuerySet[Event], name: str, session_id: str) -> QuerySet[Event]:
        return events.of_session(session_id)  # type: ignore[attr-defined]

    def unchanged(self, events: QuerySet[Event], name: str, value: Any) -> QuerySet[Event]:
        """The view applies them: see `EventViewSet.scope` and `rows_and_end`."""
        return events

    def later(self, events: QuerySet[Event], name: str, moment: datetime) -> QuerySet[Event]:
        return events.created_after(moment)  # type: ignore[attr-defined]
