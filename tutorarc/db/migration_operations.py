"""Migration operations for tables in use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres import operations
from django.db.migrations.operations import AddConstraint, AddIndex, RemoveIndex


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Create an index without blocking writes, in a migration with `atomic = False`.

    What an interrupted attempt left behind on PostgreSQL, an invalid index, is dropped first. On SQLite this is an
    ordinary AddIndex.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with _no_lock_timeout(schema_editor):
                _drop_if_invalid(schema_editor, self.index.name)
                super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with _no_lock_timeout(schema_editor):
                super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Drop an index without blocking writes, in a migration with `atomic = False`. On SQLite an ordinary RemoveIndex.

    An interrupted attempt may have dropped it already.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with _no_lock_timeout(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.name)}")
        else:
            RemoveIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with _no_lock_timeout(schema_editor):
                super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            RemoveIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddUniqueConcurrently(AddConstraint):
    """Add a UniqueConstraint with a condition without blocking writes, in a migration with `atomic = False`.

    On PostgreSQL and SQLite it is a unique index. What an interrupted attempt left behind is dropped first.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        statement = str(self.constraint.create_sql(model, schema_editor))
        with _no_lock_timeout(schema_editor):
            _drop_if_invalid(schema_editor, self.constraint.name)
            schema_editor.execute(statement.replace("UNIQUE INDEX", "UNIQUE INDEX CONCURRENTLY IF NOT EXISTS", 1))


@contextmanager
def _no_lock_timeout(schema_editor: Any) -> Iterator[None]:
    """While it waits for the transactions in progress, reads and writes go on, so that it may wait for long."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        [before] = cursor.fetchone()
        cursor.execute("SET lock_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _drop_if_invalid(schema_editor: Any, name: str) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
            [schema_editor.quote_name(name)],
        )
        if cursor.fetchone():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(name)}")
