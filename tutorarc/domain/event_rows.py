"""SQL that inserts events, for any number of rows in one statement."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from uuid_utils.compat import uuid7

from tutorarc.db.among_lookup import typed

# Columns of an event that are the same for all rows of a batch, and those that are not.
OF_ALL = ("created_at", "actor_user_id", "actor_key_id", "from_status", "detail")
OF_ROW = ("type", "object_id", "class_id", "session_id", "user_id", "changes", "data")
ALL = (*OF_ALL, "id", *OF_ROW)
COLUMNS = ", ".join(ALL)
OWNED = ("classes.Class", "live_sessions.LiveSession")  # models with a creator, who gets their events
# On PostgreSQL several servers write, and their clocks differ. So the ids are UUIDv7 of the database's clock, and those
# of one class are in the order of its changes, which lock it. The ids of a statement differ in the number of the row,
# which stands behind the microseconds. What they share is made once.
SHARED_IN_IDS = """(
    SELECT
        lpad(to_hex(microseconds / 1000), 12, '0') || '7' || lpad(to_hex(mod(microseconds, 1000)), 3, '0') || 'b'
            AS beginning,
        right(gen_random_uuid()::text, 10) AS ending
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS microseconds) clock
) ids"""
NEW_ID = "(ids.beginning || lpad(to_hex(row_number() OVER ()), 5, '0') || ids.ending)::uuid"


def write(events: Sequence[dict[str, Any]], of_all: Sequence[Any]) -> None:
    """Insert events, given the values of the columns OF_ROW of each and of OF_ALL."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(_writing(), parameters(events, of_all, database))
        else:
            shared, names = _prepared(OF_ALL, of_all, database), ("id", *OF_ROW, "class_id", "session_id")
            given = [(uuid7(), *plain(event).values(), event["class_id"], event["session_id"]) for event in events]
            cursor.executemany(_writing_one(), [[*shared, *_prepared(names, values, database)] for values in given])


def write_complete(events: Sequence[dict[str, Any]]) -> None:
    """For PostgreSQL: insert events, given the values of all COLUMNS of each, unless there are some with their ids."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_writing_complete(), [_json(events)])


def parameters(events: Sequence[dict[str, Any]], of_all: Sequence[Any], database: Any) -> list[Any]:
    """For PostgreSQL: the events are one parameter, a JSON array, so that the statement is always the same."""
    return [*_prepared(OF_ALL, of_all, database), _json(events)]


def values_of(row: models.Model, database: Any) -> list[Any]:
    """The parameters of `inserting`, which sets fields that depend on others, such as folded text."""
    return [field.get_db_prep_save(field.pre_save(row, True), database) for field in _written(type(row))]


@cache
def inserting(model: Any) -> str:
    """The INSERT of a row, returning its key."""
    return f"{_insertion(model)} RETURNING {_quoted(model._meta.pk.column)}"


@cache
def inserting_with_event(model: Any) -> str:
    """The INSERT of a row and of its event, returning the key of the row."""
    key = _quoted(model._meta.pk.column)
    is_given = isinstance(model._meta.pk, models.UUIDField)
    object_id = "event.object_id" if is_given else f"lpad(to_hex(added.{key}), 32, '0')::uuid"
    of_row = ", ".join(object_id if name == "object_id" else f"event.{name}" for name in OF_ROW)
    return f"""
        WITH added AS ({inserting(model)}),
        written AS (
            INSERT INTO {_events().db_table} ({COLUMNS})
            SELECT {_shared()}, {NEW_ID}, {of_row} FROM added, {SHARED_IN_IDS}, {_recordset()}
        )
        SELECT {key} FROM added
    """  # noqa: S608


@cache
def _writing() -> str:
    values = f"SELECT {_shared()}, {NEW_ID}, event.* FROM {SHARED_IN_IDS}, {_recordset()}"  # noqa: S608
    return f"INSERT INTO {_events().db_table} ({COLUMNS}) {values}"


@cache
def _writing_complete() -> str:
    values = f"SELECT event.* FROM {_recordset(ALL)} ON CONFLICT DO NOTHING"  # noqa: S608
    return f"INSERT INTO {_events().db_table} ({COLUMNS}) {values}"


@cache
def _writing_one() -> str:
    """For SQLite, where one transaction writes at a time: the event gets its position at once, not after the commit.

    So a reader never needs the write lock, for which a steady stream of writers would let it wait in vain.
    """
    table = _events().db_table
    values = [
        *["%s"] * len(ALL),
        f"(SELECT COALESCE(MAX(position), 0) + 1 FROM {table} WHERE position IS NOT NULL)",  # noqa: S608
        *(f"(SELECT created_by_id FROM {_table(label)} WHERE id = %s)" for label in OWNED),  # noqa: S608
    ]
    columns = f"{COLUMNS}, position, class_owner_id, session_owner_id"
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(values)})"  # noqa: S608


def _shared() -> str:
    return ", ".join(typed(_field(name), connection) for name in OF_ALL)


def _recordset(names: Sequence[str] = OF_ROW) -> str:
    """The rows of a JSON array, with these columns."""
    columns = ", ".join(f"{name} {_field(name).cast_db_type(connection)}" for name in names)
    return f"jsonb_to_recordset(%s::jsonb) AS event({columns})"


def _insertion(model: Any) -> str:
    names = [_quoted(field.column) for field in _written(model)]
    places = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(names)}) VALUES ({places})"  # noqa: S608


@cache
def _written(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


def _table(label: str) -> str:
    return apps.get_model(label)._meta.db_table


def _events() -> Any:
    return apps.get_model("tutorarc.Event")._meta


@cache
def _field(name: str) -> Any:
    return _events().get_field(name)


def _prepared(names: Sequence[str], values: Iterable[Any], database: Any) -> list[Any]:
    return [_field(name).get_db_prep_save(value, database) for name, value in zip(names, values, strict=True)]


def plain(event: dict[str, Any]) -> dict[str, Any]:
    """The event with `changes` and `data` as JSON has them: times as text."""
    return {**event, **{name: orjson.loads(_json(event[name])) for name in ("changes", "data")}}


def _json(value: Any) -> str:
    """Times as the API writes them: UTC with a Z."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
