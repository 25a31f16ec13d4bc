"""Locks on names, for what no single row stands for."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

LOCK_ROW_AND_NAME = """
    WITH locked AS MATERIALIZED ({row} FOR SHARE)
    SELECT locked.*, pg_advisory_xact_lock(hashtext(%s)) FROM locked
"""


def lock_name(name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this transaction ends.

    Does nothing on SQLite, where one transaction writes at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def lock_row_and_name(row: "QuerySet[Any, tuple[Any, ...]]", name: str) -> tuple[Any, ...]:
    """Like `lock_name`, and before it lock one row against changes, in the same statement. Returns the row's values.

    Others may lock the row in this way too. `row` is a `values_list` of one row.
    """
    if connection.vendor != "postgresql":
        return row.get()
    sql, params = row.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ROW_AND_NAME.format(row=sql), [*params, name])
        *values, _ = cursor.fetchone()
    return tuple(values)
