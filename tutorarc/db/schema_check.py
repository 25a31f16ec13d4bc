"""Checks that the database has the migrations, tables and columns that this version of the code needs."""

from functools import cache

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Migration = tuple[str, str]  # label of the app, name


@cache
def known_migrations() -> frozenset[Migration]:
    """Those of this version. A checkout that was replaced meanwhile has others."""
    return frozenset(MigrationLoader(None).disk_migrations)


def missing_migrations() -> frozenset[Migration]:
    """Raises django.db.Error if the database can't be asked."""
    return known_migrations() - MigrationRecorder(connection).applied_migrations().keys()


def check_columns() -> None:
    """Raises django.db.Error where one is missing. One statement, which reads no rows."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())


@cache
def _statement() -> str:
    tables = [
        (_quoted(model._meta.db_table), [_quoted(str(field.column)) for field in model._meta.concrete_fields])
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    reads = [
        # With the table's name: SQLite takes a column that doesn't exist for a text in double quotes.
        f"EXISTS (SELECT {', '.join(f'{table}.{column}' for column in columns)} FROM {table} WHERE 1 = 0)"  # noqa: S608
        for table, columns in tables
    ]
    return f"SELECT {', '.join(reads)}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
