"""`field = value` with one of the field's choices in the SQL itself, so that prepared statements can use it.

PostgreSQL plans a prepared statement for any value of its parameters. Such a plan uses no partial index, and takes a
rare value for as frequent as the others.
"""

from typing import Any

from django.db.models.lookups import Exact


class ConstantExact(Exact[Any]):
    """Register it on a field with choices: `field.register_lookup(ConstantExact)`."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if self.rhs not in dict(self.lhs.output_field.flatchoices):
            return super().as_sql(compiler, connection)
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = '{self.rhs!s}'", parameters
