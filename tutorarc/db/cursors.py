"""Cursors that have asked the same before.

A new one lets the driver find out each time how these values are sent and these rows are read, which takes it as long
as asking does.
"""

from typing import Any

MAX_KEPT = 32  # of one connection


def cursor_for(database: Any, sql: str) -> Any:
    """The connection's own cursor for this statement. Take all rows of an answer before you ask again; don't close it.

    `sql` has to be the same object each time: the driver doesn't compare texts.
    """
    database.ensure_connection()
    kept = getattr(database.connection, "cursors", None)  # SQLite's connection keeps prepared statements itself
    if kept is None or database.queries_logged:
        return database.cursor()
    database.validate_thread_sharing()
    if sql not in kept:
        if len(kept) >= MAX_KEPT:
            kept.clear()
        kept[sql] = database.cursor()
    return kept[sql]


def take_rows(cursor: Any) -> list[tuple[Any, ...]]:
    """All rows of the answer, of which the driver keeps nothing: a page of long texts is megabytes."""
    driver = cursor.cursor  # Django would wrap its `fetchall` anew each time, for errors that come with `execute`
    rows: list[tuple[Any, ...]] = driver.fetchall()
    if transformer := getattr(driver, "_tx", None):
        driver._reset()
        transformer.set_pgresult(None)
    return rows
