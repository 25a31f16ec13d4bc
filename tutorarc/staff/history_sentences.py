"""Events as sentences, with their changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any, NamedTuple

from django.db.models import DateTimeField
from django.utils import timezone
from django.utils.formats import date_format

from tutorarc.domain.clock import parse_datetime
from tutorarc.models import Event, User
from tutorarc.staff.history_registry import ModelHistory, credential, history_of, history_of_event

LONGEST_VALUE = 200


class Ref(NamedTuple):
    """A row with its current name."""

    model: Any
    pk: Any
    name: str


class Change(NamedTuple):
    field: str
    before: str
    after: str


class HistoryEntry(NamedTuple):
    time: datetime
    actor: Ref | None
    sentence: list[str | Ref]
    key: Ref | None
    changes: list[Change]


Names = Mapping[tuple[Any, Any], Ref]  # by model and key


def history_entries(events: Sequence[Event]) -> list[HistoryEntry]:
    """The events in the same order, in a constant number of statements."""
    names, keys = _present_names(events), credential().model
    return [
        HistoryEntry(
            event.created_at,
            names.get((User, event.actor_user_id)),
            list(_sentence(event, names)),
            names.get((keys, event.actor_key_id)),
            list(_changes(event)),
        )
        for event in events
    ]


def _sentence(event: Event, names: Names) -> Iterator[str | Ref]:
    history, happened = history_of_event(event), event.happened
    otherwise = f"{happened.replace('_', ' ')}: {{{next(iter(history.refers_to))}}}"
    phrase = history.phrases.get(event.detail) or history.phrases.get(happened, otherwise)
    for text, name, _, _ in Formatter().parse(phrase):
        yield text
        if name:
            yield _ref(event, name, names) or str(event.object_id)


def _ref(event: Event, name: str, names: Names) -> Ref | None:
    """The row that a placeholder of a phrase refers to."""
    history = history_of_event(event)
    model, key = history.refers_to[name], history.key(event, name)
    if model is history.model and not history.reads_present_name:
        return Ref(model, key, _former_name(event, history))
    return names.get((model, key))


def _former_name(event: Event, history: ModelHistory) -> str:
    """The name that the row had then; what it is, for an event that shows another object, such as an attendance."""
    values = [event.data.get(field) for field in history.name_fields]
    return str(history.model._meta.verbose_name) if None in values else history.call(values)


def _changes(event: Event) -> Iterator[Change]:
    history = history_of_event(event)
    if event.detail and history.detail:
        before, _, after = event.detail.partition(" → ")
        yield Change(history.detail, before, after)
    for name in dict.fromkeys(["status", *history.fields]):  # each once
        if name in event.changes:
            before, after = (_shown(history, name, value) for value in event.changes[name])
            yield Change(history.label(name), before, after)


def _shown(history: ModelHistory, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value and name != "status" and isinstance(_field(history, name), DateTimeField):
        return date_format(timezone.localtime(parse_datetime(value)), "DATETIME_FORMAT")
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _field(history: ModelHistory, name: str) -> Any:
    return history.model._meta.get_field(history.source.fields[name])


# Current names, one statement for each table


def _present_names(events: Iterable[Event]) -> dict[tuple[Any, Any], Ref]:
    return {
        (model, key): Ref(model, key, history_of(model).call(values))
        for model, keys in _keys_to_name(events).items()
        for key, *values in model.objects.filter(pk__in=keys).values_list("pk", *history_of(model).name_fields)
    }


def _keys_to_name(events: Iterable[Event]) -> dict[Any, set[Any]]:
    """Ids of the rows whose current names are needed, by model: actors, API keys and rows named in phrases."""
    keys: dict[Any, set[Any]] = defaultdict(set)
    for event in events:
        history = history_of_event(event)
        keys[User].add(event.actor_user_id)
        keys[credential().model].add(event.actor_key_id)
        for name, model in history.refers_to.items():
            keys[model].add(history.key(event, name))
    named = {model: found - {None} for model, found in keys.items() if history_of(model).reads_present_name}
    return {model: found for model, found in named.items() if found}
