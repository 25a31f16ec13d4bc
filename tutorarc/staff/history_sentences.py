"""Audit records as sentences, with their changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any, NamedTuple

from django.utils.formats import date_format

from tutorarc.models import User
from tutorarc.staff.history_registry import credential, history_of
from tutorarc.staff.history_timeline import place_of, predecessors

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


class AuditEntry(NamedTuple):
    time: datetime
    actor: Ref | None
    sentence: list[str | Ref]
    key: Ref | None
    changes: list[Change]


Names = Mapping[tuple[Any, Any], Ref]  # by model and key


def audit_entries(records: Sequence[Any]) -> list[AuditEntry]:
    """Audit entries of the records in the same order, in a constant number of statements."""
    before = predecessors(record for record in records if record.history_type == "~")
    names, keys = _present_names(records), credential().model
    return [
        AuditEntry(
            record.history_date,
            names.get((User, record.history_user_id)),
            list(_sentence(record, names)),
            names.get((keys, record.history_credential)),
            list(_changes(record, before.get(place_of(record)))),
        )
        for record in records
    ]


def _sentence(record: Any, names: Names) -> Iterator[str | Ref]:
    history, verb = history_of(record.instance_type), _verb(record)[0] or "changed"
    phrase = history.phrases.get(verb, f"{verb.replace('_', ' ')}: {{{next(iter(history.refers_to))}}}")
    for text, name, _, _ in Formatter().parse(phrase):
        yield text
        if name:
            yield _ref(record, name, names) or str(record.id)


def _ref(record: Any, name: str, names: Names) -> Ref | None:
    """The row that a placeholder of a phrase refers to."""
    history = history_of(record.instance_type)
    model, key = history.target(name), history.key(record, name)
    if model is history.model and not history.reads_present_name:
        return Ref(model, key, history.call([getattr(record, field) for field in history.name_fields]))
    return names.get((model, key))


def _changes(record: Any, before: Any) -> Iterator[Change]:
    history, created = history_of(record.instance_type), record.history_type == "+"
    if (status := history.status(record)) and status != record.from_status:
        yield Change("status", record.from_status, status)
    if detail := _verb(record)[1]:
        before_and_after = detail.partition(" → ")
        yield Change(history.detail, before_and_after[0], before_and_after[2])
    if created or before:
        for name in history.fields:
            old, new = (None if created else getattr(before, name)), getattr(record, name)
            if old != new and not (created and new in (False, "", None)):
                label = str(history.model._meta.get_field(name).verbose_name)
                yield Change(label, "" if created else _shown(old), _shown(new))


def _verb(record: Any) -> tuple[str, str]:
    """Verb and detail of a record, as in `set_groups: none → Support`."""
    verb, _, detail = (record.history_change_reason or "").partition(": ")
    return verb, detail


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    text = ", ".join(value) if isinstance(value, list) else str(value or "")
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


# Current names, one statement for each table


def _present_names(records: Iterable[Any]) -> dict[tuple[Any, Any], Ref]:
    return {
        (model, key): Ref(model, key, history_of(model).call(values))
        for model, keys in _keys_to_name(records).items()
        for key, *values in model.objects.filter(pk__in=keys).values_list("pk", *history_of(model).name_fields)
    }


def _keys_to_name(records: Iterable[Any]) -> dict[Any, set[Any]]:
    """Ids of the rows whose current names are needed, by model: actors, API keys and rows named in phrases."""
    keys: dict[Any, set[Any]] = defaultdict(set)
    for record in records:
        history = history_of(record.instance_type)
        keys[User].add(record.history_user_id)
        keys[credential().model].add(record.history_credential)
        for name in history.refers_to:
            keys[history.target(name)].add(history.key(record, name))
    named = {model: found - {None} for model, found in keys.items() if history_of(model).reads_present_name}
    return {model: found for model, found in named.items() if found}
