"""The contents of the database as text, to search for what must not be stored."""

from django.apps import apps
from django.db import connection


def whole_database() -> str:
    """Every value of every row of every table, as text."""
    quote = connection.ops.quote_name
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        rows = []
        for table in sorted(tables & set(connection.introspection.table_names(cursor))):
            cursor.execute(f"SELECT * FROM {quote(table)}")  # noqa: S608
            rows += [f"{table}: {row!r}" for row in cursor.fetchall()]
    return "\n".join(rows)
