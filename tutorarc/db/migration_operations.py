"""Migration operations for tables in use."""

from typing import Any

from django.contrib.postgres import operations
from django.db.migrations.operations import AddIndex


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Create an index without blocking writes, in a migration with `atomic = False`.

    If it fails on PostgreSQL, drop the invalid index and migrate again. On SQLite it is an ordinary AddIndex.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
