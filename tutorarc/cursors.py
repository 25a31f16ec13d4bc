"""Cursors that have asked the same before.

A new one lets the driver find out each time how these values are sent and these rows are read, which takes it as long
as asking does.
"""

from typing import Any

MOST_KEPT = 32  # of one connection; each holds the rows of its last answer


def cursor_for(database: Any, sql: str) -> Any:
    """The connection's own cursor for this statement. Fetch all of an answer before you ask the next.

    `sql` has to be the same object each time: the driver doesn't compare texts.
    """
    if database.connection is None:
        database.ensure_connection()
    kept = getattr(database.connection, "cursors", None)  # SQLite's connection keeps prepared statements itself
    if kept is None or database.queries_logged:
        return database.cursor()
    if sql not in kept:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[sql] = database.cursor()
    return kept[sql]
