"""The filters of the audit page, each served by an index of the events."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tutorarc.db.keyset import Window
from tutorarc.domain.clock import just_before, start_of
from tutorarc.models import Event, SecurityEvent
from tutorarc.models.event_queryset import EventQuerySet
from tutorarc.staff.forms import Autocomplete
from tutorarc.staff.history_registry import ModelHistory, histories
from tutorarc.staff.history_timeline import Source

DAY = timedelta(days=1)


class EventFilter(NamedTuple):
    """Events with the id of a chosen row in a column. `relation` is a foreign key to such rows, to search them."""

    label: str
    column: str
    relation: Any


FILTERS = {
    "actor": EventFilter("Who did it", "actor_user_id", SecurityEvent._meta.get_field("actor")),
    "person": EventFilter("About", "user_id", SecurityEvent._meta.get_field("user")),
}


def register_event_filter(name: str, event_filter: EventFilter) -> None:
    """For the app that owns the rows."""
    FILTERS[name] = event_filter


class EventFilterForm(forms.Form):
    """All fields may be empty. The days are those of the reader's time zone, both included."""

    first = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label="Until", required=False, widget=forms.DateInput({"type": "date"}))
    type = forms.ChoiceField(label="What", required=False)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET)
        self.fields["type"].choices = [("", "Anything"), *map(_types, histories())]  # type: ignore[attr-defined]
        for name, one in FILTERS.items():
            model = one.relation.related_model
            self.fields[name] = forms.ModelChoiceField(
                model._base_manager, required=False, label=one.label, widget=_widget(request, one.relation)
            )

    def sources(self) -> list[Source]:
        """The events of the valid form, each source read from the index of one filter."""
        events = self._in_time()
        chosen = {one.column: row.pk for name, one in FILTERS.items() if (row := self.cleaned_data[name])}
        types = _types_of(self.cleaned_data["type"])
        if not chosen:
            return [partial(_newest_with, events, "type", name) for name in types] or [partial(_newest, events)]
        if types:
            events = events.filter(type__in=types)
        column, key = chosen.popitem()
        return [partial(_newest_with, events.filter(**chosen), column, key)]

    def _in_time(self) -> EventQuerySet:
        events: EventQuerySet = Event.objects.all()
        if first := self.cleaned_data["first"]:
            events = events.created_after(just_before(start_of(first)))
        if (last := self.cleaned_data["last"]) and last < date.max:
            events = events.created_until(just_before(start_of(last + DAY)))
        return events


def _newest(events: EventQuerySet, before: int | None, size: int) -> QuerySet[Event]:
    return _window(before, size).cut(events.numbered())


def _newest_with(events: EventQuerySet, column: str, key: str, before: int | None, size: int) -> QuerySet[Event]:
    """Those with this value in the column."""
    return events.numbered().page_of(column, key, _window(before, size))


def _window(before: int | None, size: int) -> Window:
    return Window(("position",), descending=True, size=size, position=None if before is None else (before,))


def _types(history: ModelHistory) -> tuple[str, list[tuple[str, str]]]:
    """A group of choices: all types of a kind, and each of them."""
    kind, name = history.source.kind, str(history.model._meta.verbose_name)
    each = [(f"{kind}.{happened}", happened.replace("_", " ")) for happened in _happenings(history)]
    return name.capitalize(), [(kind, f"any change of a {name}"), *each]


def _happenings(history: ModelHistory) -> Iterable[str]:
    return dict.fromkeys(history.source.types.values())


def _types_of(choice: str) -> list[str]:
    """The types of a kind; a single type; none for no choice."""
    if "." in choice or not choice:
        return [choice] if choice else []
    [history] = [history for history in histories() if history.source.kind == choice]
    return [f"{choice}.{happened}" for happened in _happenings(history)]


def _widget(request: HttpRequest, relation: Any) -> Any:
    """A search for those who may see such rows; an id for others."""
    model = relation.related_model._meta
    if request.user.has_perm(f"{model.app_label}.view_{model.model_name}"):
        return Autocomplete(relation, admin.site)
    return forms.TextInput({"placeholder": "Id"})
