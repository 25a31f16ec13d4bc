"""`field__among=values`: like `__in`, as one array, so that the statement is the same for any number of values.

PostgreSQL then parses and plans it once. SQLite has no arrays, and gets an IN.
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
    """The condition and its parameters, for values that are the database's own kind already."""
    if connection.vendor == "postgresql":
        return f"= ANY(%s::{field.cast_db_type(connection)}[])", [list(values)]
    return f"IN ({', '.join(['%s'] * len(values))})", list(values)


def typed(field: Any, connection: Any) -> str:
    """A place for a value of a field, where PostgreSQL can't tell its type."""
    return f"%s::{field.cast_db_type(connection)}" if connection.vendor == "postgresql" else "%s"
