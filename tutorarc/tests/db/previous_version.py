"""Migrate an empty database step by step, and after each new migration write as the version before it would.

`python -m tutorarc.tests.db.previous_version` does so in the database of DATABASE_URL, and prints what fails.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.apps.registry import Apps
from django.db import Error, connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

# The last migration of each app that was written before the rules of docs/development.md, or its first one.
BEFORE_THE_RULES = {
    "apikeys": 3,
    "classes": 2,
    "members": 4,
    "live_sessions": 2,
    "tutorarc": 4,
    "jobs": 1,
    "imports": 1,
}


def is_new(app: str, name: str) -> bool:
    return app in BEFORE_THE_RULES and int(name[:4]) > BEFORE_THE_RULES[app]


class Writer:
    """Rows with a value in each column that needs one, in the models of one version."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.made: dict[Any, models.Model] = {}

    def write(self, app: str) -> None:
        """Insert, change and read a row of each model of an app. Raises django.db.Error."""
        for model in self.apps.get_app_config(app).get_models():
            row = self.row(model)
            row.save()
            model._base_manager.get(pk=row.pk)

    def row(self, model: Any) -> models.Model:
        if model not in self.made:
            fields = [field for field in model._meta.concrete_fields if _needs_value(field)]
            self.made[model] = model._base_manager.create(**{field.name: self.value(field) for field in fields})
        return self.made[model]

    def value(self, field: Any) -> Any:
        if isinstance(field, models.ForeignKey):
            return self.row(field.related_model)
        if isinstance(field, models.UUIDField):
            return field.new() if hasattr(field, "new") else uuid.uuid4()  # a TypeIDField, or not
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.DateTimeField):
            return datetime(2036, 3, 20, 10, tzinfo=UTC) + timedelta(hours=field.name.startswith("end"))
        if isinstance(field, models.CharField | models.TextField):
            return uuid.uuid4().hex[: field.max_length]
        return 1


def _needs_value(field: Any) -> bool:
    is_filled = isinstance(field, models.AutoField) or field.null or field.has_default()
    return not is_filled and field.db_default is NOT_PROVIDED


def table_files() -> dict[str, int]:
    """PostgreSQL's file of each table, which changes where a statement rewrites it. SQLite rewrites for any change."""
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r'")
        return dict(cursor.fetchall())


def rewritten(before: dict[str, int]) -> list[str]:
    """The tables that were there before, and were rewritten since."""
    return [table for table, file in table_files().items() if before.get(table, file) != file]


def failures() -> list[str]:
    executor = MigrationExecutor(connection)
    executor.recorder.ensure_schema()
    state, failed = ProjectState(), []
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        before, files = state.clone(), table_files()
        state = executor.apply_migration(state, migration)
        if is_new(migration.app_label, migration.name):
            failed += [f"{migration}: rewrites {table}" for table in rewritten(files)]
            try:
                Writer(before.apps).write(migration.app_label)
            except Error as error:
                failed.append(f"{migration}: the version before can't write: {error}")
    return failed


if __name__ == "__main__":
    django.setup()
    for failure in failures():
        print(failure)  # noqa: T201
