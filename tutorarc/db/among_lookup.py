"""`field__among=values`: like `__in`, but as one array parameter, so that the SQL is the same for any number.

PostgreSQL can then reuse the prepared statement. SQLite has no arrays and uses IN.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models.lookups import In


@models.Field.register_lookup
class Among(In):
    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        _, values = self.get_db_prep_lookup(self.rhs, connection)
        condition, array = among(self.lhs.output_field, values, connection)
        return f"{column} {condition}", [*parameters, *array]


def among(field: Any, values: Sequence[Any], connection: Any) -> tuple[str, list[Any]]:
    """SQL condition and parameters, for values already converted for the database."""
    if connection.vendor == "postgresql":
        return f"= ANY(%s::{field.cast_db_type(connection)}[])", [list(values)]
    return f"IN ({', '.join(['%s'] * len(values))})", list(values)


def typed(field: Any, connection: Any) -> str:
    """Placeholder with a cast, where PostgreSQL can't infer the type."""
    return f"%s::{field.cast_db_type(connection)}" if connection.vendor == "postgresql" else "%s"
