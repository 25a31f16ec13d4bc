"""Bulk inserts without the ORM."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

from tutorarc.db.ids import TypeIDField

BATCH = 20_000
Row = tuple[Any, ...]


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Row], done: Callable[[int], Any]) -> None:
    """Insert rows with values in the order of `names`; ids as UUIDs. Calls `done` with the size of each batch."""
    fields = [model._meta.get_field(name) for name in names]
    write = _copy if connection.vendor == "postgresql" else _execute_many
    for batch in _batches(rows):
        write(model._meta.db_table, fields, batch)
        done(len(batch))


def analyze() -> None:
    """Update the planner's statistics."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(table: str, fields: Sequence[Any], rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        # Otherwise deferred foreign key checks would use the server's memory until the transaction ends.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with cursor.copy(f"COPY {_quoted(table)} ({_columns(fields)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _execute_many(table: str, fields: Sequence[Any], rows: list[Row]) -> None:
    places = ", ".join(["%s"] * len(fields))
    adapters = [_adapter(field) for field in fields]
    adapted = [[adapt(value) for adapt, value in zip(adapters, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_quoted(table)} ({_columns(fields)}) VALUES ({places})", adapted)  # noqa: S608


def _adapter(field: Any) -> Callable[[Any], Any]:
    """Conversion of this field's values for SQLite, ten times faster than the field's own methods."""
    stored = field.target_field if field.is_relation else field
    if isinstance(stored, TypeIDField):
        return lambda value: value and value.hex
    if isinstance(stored, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    return lambda value: value


def _columns(fields: Sequence[Any]) -> str:
    return ", ".join(_quoted(field.column) for field in fields)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
