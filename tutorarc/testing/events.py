"""Reading events in tests."""

from typing import Any

from tutorarc.domain.events import object_id
from tutorarc.models import Event


def events_of(row: Any, *types: str) -> list[Event]:
    """The events about a row, oldest first; only those of these types, if any are given."""
    key: Any = object_id(row.pk, row._meta.pk)
    events = Event.objects.filter(object_id=key).order_by("pk")
    return list(events.filter(type__in=types) if types else events)


def types_of(row: Any) -> list[str]:
    """What happened to a row, oldest first: `["created", "updated"]`."""
    return [event.happened for event in events_of(row)]


def events_about(model: Any, *types: str) -> list[Event]:
    """The events about all rows of a model, oldest first."""
    events = Event.objects.filter(type__startswith=f"{model.event_source.kind}.").order_by("pk")
    return [event for event in events if not types or event.happened in types]
