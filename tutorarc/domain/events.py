"""Events of changes. Every domain verb writes one for each row that it changes, in its own transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.dispatch import Signal
from django.utils import timezone

from tutorarc.domain import event_rows
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.folded_fields import folded_values

if TYPE_CHECKING:
    from tutorarc.models import User

Row = TypeVar("Row", bound=ChangedByVerbs)
Values = Mapping[str, Any]


class Credential(Protocol):
    """An API key, as far as events know it."""

    @property
    def pk(self) -> str: ...


@dataclass(frozen=True)
class Actor:
    """The user who acts and the API key they use; None for a browser session or a command."""

    user: "User | None" = None
    key: Credential | None = None

    @property
    def person(self) -> "User":
        """The user, for verbs that a command can't call."""
        if self.user is None:
            raise TypeError("Only a user can do this.")
        return self.user


SYSTEM = Actor()
TOLD_AS = "set"  # stands in events for a value that they don't tell
# Sent after events were written, in the same transaction, with `rows`, `by` and `verb`. The sender is the model.
events_recorded = Signal(use_caching=True)


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """What events tell of the rows of a model. An attribute of the model: `event_source = EventSource(…)`.

    The method `as_shown` of the row gives the event's `data`: the object as the API shows it, without secrets.
    """

    kind: str
    # By verb, what the type of the event says after the kind: {"approve": "approved"} makes `membership.approved`.
    types: Mapping[str, str]
    # By their names in the API, the fields whose old and new values are told. The status is always told.
    fields: Mapping[str, str]
    # By their names, values of these fields that the event of a new row doesn't tell, as every new row has them.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # Names of those of these fields whose values no event tells, only that there is one.
    secrets: frozenset[str] = frozenset()
    # Attribute of the row with the id of the object that the events are about, if that is another row, with a source of
    # its own for this kind.
    about: str = ""
    # Attributes of the row with the ids of the class, the live session and the person whom it concerns.
    class_id: str = ""
    session_id: str = ""
    user_id: str = ""
    # For a verb with several types: the type, given the changes.
    type_of: Callable[[str, Values], str | None] = lambda _verb, _changes: None

    def contribute_to_class(self, model: Any, name: str) -> None:
        """Called by Django."""
        setattr(model, name, self)
        if not self.about:
            _sources[self.kind] = (model, self)

    def event(
        self,
        row: Any,
        verb: str,
        old: Values,
        from_status: str = "",
        *,
        created: bool = False,
        deleted: bool = False,
        data: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Values of the columns `event_rows.OF_ROW`. `old` has the former values of fields that changed.

        A verb that `types` doesn't name is the type itself.
        """
        data = data or row.as_shown()
        changes = self._changes(row, data, old, from_status, created)
        if deleted:
            changes["status"] = [from_status, None]
        happened = self.type_of(verb, changes) or self.types.get(verb, verb)
        return {
            "type": f"{self.kind}.{happened}",
            "object_id": _id_of(row, self.about) if self.about else object_id(row.pk, row._meta.pk),
            "class_id": _id_of(row, self.class_id),
            "session_id": _id_of(row, self.session_id),
            "user_id": _id_of(row, self.user_id),
            "changes": changes,
            "data": data,
        }

    def _changes(
        self, row: Any, data: dict[str, Any], old: Values, from_status: str, created: bool
    ) -> dict[str, list[Any]]:
        """Old and new value of each field that changed. In a new row that is each field with a value."""
        changes = {}
        if "status" in data and (created or (from_status and from_status != data["status"])):
            changes["status"] = [from_status or None, data["status"]]
        for name, attribute in self.fields.items():
            new = getattr(row, attribute)
            if created and new not in (False, "", None, self.defaults.get(name)):
                changes[name] = [None, new]
            elif attribute in old and old[attribute] != new:
                changes[name] = [old[attribute], new]
            if name in self.secrets and name in changes:
                changes[name] = [TOLD_AS if value else None for value in changes[name]]
        return changes


_sources: dict[str, tuple[Any, EventSource]] = {}  # with the model, by kind


def model_of(kind: str) -> Any:
    """The model whose rows an event is about: the part of its type before the dot."""
    return _sources[kind][0]


def object_id(key: Any, field: Any) -> UUID | None:
    """The `object_id` of an event, from the primary key of a row: of a number, the UUID with that number."""
    if isinstance(key, int):
        return UUID(int=key)
    return None if key is None else field.get_prep_value(key)


def _id_of(row: Any, attribute: str) -> UUID | None:
    return _target(row._meta.model, attribute).get_prep_value(getattr(row, attribute)) if attribute else None


@cache
def _target(model: Any, attribute: str) -> Any:
    """The primary key that this attribute of a row holds: its own, or that of a related row."""
    if attribute == "pk":
        return model._meta.pk
    [field] = [field for field in model._meta.concrete_fields if field.attname == attribute]
    return field.target_field


def record(
    rows: Iterable[Row],
    by: Actor,
    *,
    verb: str,
    from_status: str = "",
    detail: str = "",
    created: bool = False,
    deleted: bool = False,
    old: Callable[[Row], Values] = lambda _: {},
    data: Callable[[Row], dict[str, Any] | None] = lambda _: None,
) -> None:
    """Write one event for each changed row, in one statement.

    `old` gives former values of fields that changed; `data`, how the API showed the row, if not as it does now. Events
    of deleted rows show them as they were.
    """
    changed = list(rows)
    if not changed:
        return
    source: EventSource = changed[0].event_source  # type: ignore[attr-defined]
    is_new = {"created": created, "deleted": deleted}
    events = [source.event(row, verb, old(row), from_status, **is_new, data=data(row)) for row in changed]
    event_rows.write(events, _of_all(by, from_status, detail))
    events_recorded.send(type(changed[0]), rows=changed, by=by, verb=verb)


def insert(row: Row, by: Actor, *, verb: str, detail: str = "") -> Row:
    """Insert a row with its event, atomically.

    On PostgreSQL both are one statement, which needs no transaction.
    """
    model: Any = type(row)
    database = connections[DEFAULT_DB_ALIAS]  # the connection itself: the proxy looks it up on each attribute access
    values = event_rows.values_of(row, database)
    if database.vendor == "postgresql":
        event = model.event_source.event(row, verb, {}, created=True)
        about = event_rows.parameters([event], _of_all(by, "", detail), database)
        _insert(row, event_rows.inserting_with_event(model), [*values, *about], database)
        events_recorded.send(model, rows=[row], by=by, verb=verb)
    else:
        with transaction.atomic(savepoint=False):
            _insert(row, event_rows.inserting(model), values, database)
            record([row], by, verb=verb, detail=detail, created=True)
    return row


def change(row: Row, by: Actor, *, verb: str, from_status: str = "", old: Values | None = None, **values: Any) -> Row:
    """Update a locked row, with the folded text of what changes, and write its event.

    `old` has the former values, if the row has the new ones already.
    """
    former = old if old is not None else {name: getattr(row, name) for name in values}
    values |= folded_values(type(row), values)
    row.write(**values)
    record([row], by, verb=verb, from_status=from_status, old=lambda _: former)
    return row


def erase(row: Row, by: Actor, *, verb: str, from_status: str) -> None:
    """Delete a locked row, and write its event."""
    type(row)._base_manager.filter(pk=row.pk).delete()
    record([row], by, verb=verb, from_status=from_status, deleted=True)


def _insert(row: models.Model, statement: str, values: list[Any], database: Any) -> None:
    """Like `bulk_create([row])`, with a statement that is compiled once for each model."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        [(key,)] = cursor.fetchall()
    if row.pk is None:
        row.pk = key
    row._state.adding, row._state.db = False, database.alias


def _of_all(by: Actor, from_status: str, detail: str) -> list[Any]:
    """Values of the columns `event_rows.OF_ALL`."""
    return [timezone.now(), by.user and by.user.pk, by.key and by.key.pk, from_status, detail]
