"""Events of the audit records that versions before the table of events wrote, each model's in a table of its own.

A migration copies the records. While it runs, servers of the version before still write some, which `prune` copies. The
event of a record has an id that follows from the record, so that none is copied twice.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.db.ids import EPOCH, MILLISECOND
from tutorarc.domain.event_rows import plain, write_complete
from tutorarc.domain.events import EventSource
from tutorarc.models import Event, User

BATCH = 2_000
# By model: the number of its table in the ids of events, the table, and the columns that events tell.
TABLES: dict[Any, tuple[int, str, str]] = {
    User: (1, "tutorarc_historicaluser", "email, display_name, global_role, is_active, is_staff, is_superuser"),
    ApiKey: (
        *(2, "apikeys_historicalapikey"),
        "owner_id, name, hint, scopes, created_at, expires_at, revoked_at",
    ),
    Class: (3, "classes_historicalclass", "title, description, class_code, status, created_at, updated_at"),
    Membership: (4, "members_historicalmembership", "class_id, user_id, role, status, joined_at"),
    LiveSession: (
        *(5, "live_sessions_historicallivesession"),
        "title, start_time, duration, end_time, strict, teacher_ref, class_id, created_by_id, ended_at, cancelled_at, "
        "created_at, updated_at",
    ),
}
ABOUT = (
    "history_id, history_date, history_change_reason, history_type, history_user_id, history_credential, from_status"
)
BEFORE = """(
    SELECT earlier.history_id FROM {table} earlier
    WHERE earlier.id = record.id AND earlier.history_date <= record.history_date
        AND earlier.history_id < record.history_id
    ORDER BY earlier.history_date DESC, earlier.history_id DESC LIMIT 1
) AS before_id"""
Record = Any  # an instance of the model with the columns of ABOUT


def copy_all(event_model: Any = Event) -> int:
    """Copy all records, oldest first. Returns the number of new events. It may be interrupted and run again."""
    return sum(_copy(model, batch, event_model) for model in _models() for batch in _batches(model, 0))


def copy_newest() -> int:
    """Copy what was written since, oldest first, so that after an interruption the next call goes on."""
    return sum(_copy(model, batch, Event) for model in _models() for batch in _batches(model, _last_copied(model)))


def _last_copied(model: Any) -> int:
    """The number of a record that ends a batch in which all were copied. Found from the newest records on."""
    for batch in _batches(model, 2**62, newest_first=True):
        if not _missing({_event_id(record): record for record in batch}, Event):
            return int(batch[0].history_id)
    return 0


def _models() -> list[Any]:
    """Those whose records have a table. They have none after the tables were dropped."""
    existing = connection.introspection.table_names()
    return [model for model, (_, table, _) in TABLES.items() if table in existing]


def _batches(model: Any, place: int, *, newest_first: bool = False) -> Iterator[list[Record]]:
    """The records after the one with the number `place`; with `newest_first` those before it."""
    after, order = ("<", "DESC") if newest_first else (">", "ASC")
    where = f"history_id {after} %s ORDER BY history_id {order} LIMIT {BATCH}"
    while batch := _records(model, where, [place]):
        yield batch
        place = batch[-1].history_id


def _records(model: Any, where: str, parameters: list[Any]) -> list[Record]:
    _, table, columns = TABLES[model]
    found = model.objects.raw(
        f"SELECT id, {columns}, {ABOUT}, {BEFORE.format(table=table)} FROM {table} record WHERE {where}",  # noqa: S608
        parameters,
    )
    return [_complete(record) for record in found]


def _complete(record: Record) -> Record:
    """The record with defaults for columns that its table doesn't have."""
    for field in record._meta.concrete_fields:
        record.__dict__.setdefault(field.attname, None if field.is_relation else field.get_default())
    return record


def _copy(model: Any, records: Sequence[Record], event_model: Any) -> int:
    new = _missing({_event_id(record): record for record in records}, event_model)
    before = _predecessors(model, list(new.values()))
    events = [_event(key, record, before.get(record.before_id)) for key, record in new.items()]
    if connection.vendor == "postgresql":  # half the time of `bulk_create`
        write_complete(events)
    else:
        event_model.objects.bulk_create([event_model(**plain(event)) for event in events], ignore_conflicts=True)
    return len(events)


def _missing(records: dict[UUID, Record], event_model: Any) -> dict[UUID, Record]:
    """Those whose events don't exist yet, by the ids of these events."""
    known = set(event_model.objects.filter(pk__in=records).values_list("pk", flat=True))
    to_text = event_model._meta.pk.to_python
    return {key: record for key, record in records.items() if to_text(key) not in known}


def _predecessors(model: Any, records: Sequence[Record]) -> dict[int, Record]:
    """The previous record of the same row, by number."""
    wanted = [record.before_id for record in records if record.before_id]
    if not wanted:
        return {}
    places = ", ".join(["%s"] * len(wanted))
    return {record.history_id: record for record in _records(model, f"history_id IN ({places})", wanted)}


def _event_id(record: Record) -> UUID:
    """A UUIDv7 of the record's time, with microseconds, the number of its table and its own number."""
    number, _, _ = TABLES[type(record)]
    time = _time(record.history_date)
    upper = ((time - EPOCH) // MILLISECOND) << 16 | 7 << 12 | time.microsecond % 1_000
    return UUID(int=upper << 64 | 2 << 62 | number << 56 | record.history_id)


def _event(key: UUID, record: Record, before: Record | None) -> dict[str, Any]:
    source: EventSource = record.event_source
    verb, _, detail = (record.history_change_reason or "").partition(": ")
    created = record.history_type == "+"
    old = {field: getattr(before, field) for field in source.fields.values()} if before and not created else {}
    values = source.event(
        record, verb or ("create" if created else "edit"), old, record.from_status, created=created, data=_data(record)
    )
    return {
        **values,
        "id": key,
        "created_at": _time(record.history_date),
        "actor_user_id": _uuid(record.history_user_id),
        "actor_key_id": _uuid(record.history_credential),
        "from_status": record.from_status,
        "detail": detail or ("found" if verb == "found" else ""),
    }


def _data(record: Record) -> dict[str, Any]:
    """The row as the API showed it then."""
    moment = _time(record.history_date)
    shown: dict[str, Any] = record.as_shown_at(moment) if isinstance(record, LiveSession) else record.as_shown()
    return shown


def _time(value: datetime | str) -> datetime:
    """SQLite has text, or times without their zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _uuid(value: Any) -> UUID | None:
    return value and UUID(str(value))
