"""Columns with the folded text of another field, for searching and sorting on every database alike.

`insert`, `bulk_create` and `change` (tutorarc/domain/events.py) write them; events don't tell them.
"""

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import models, transaction

from tutorarc.db.backfill import in_batches
from tutorarc.domain.folding import folded, folded_with_numbers


class FoldedField(models.TextField[str, str]):
    """Folded text of the field `source`, or of `relation.field`. With `numbers`, numbers sort by their value.

    It is compared by code points, whatever the database's locale is. An indexed one has a `max_length`, to which it is
    cut: one character may be folded into 18, and an index entry has at most 2,700 bytes.
    """

    def __init__(self, source: str = "", *, numbers: bool = False, **options: Any) -> None:
        super().__init__(**{"default": "", "db_default": "", "blank": True, "editable": False, **options})
        self.source, self.numbers = source, numbers

    def fold(self, text: str) -> str:
        return (folded_with_numbers(text) if self.numbers else folded(text))[: self.max_length]

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002
        value = self.fold(attrgetter(self.source)(model_instance))
        setattr(model_instance, self.attname, value)
        return value

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}

    def deconstruct(self) -> Any:
        name, path, _, options = super().deconstruct()
        return name, path, [self.source], {**options, **({"numbers": True} if self.numbers else {})}


@cache
def folded_fields(model: type[models.Model]) -> list[FoldedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, FoldedField)]


def folded_values(model: type[models.Model], values: dict[str, Any]) -> dict[str, str]:
    """The folded fields that change with these values."""
    return {field.name: field.fold(values[field.source]) for field in folded_fields(model) if field.source in values}


def search_condition(model: type[models.Model], name: str, text: str) -> tuple[str, str]:
    """Lookup and value for rows whose field `name` contains the text."""
    for field in folded_fields(model):
        if field.source == name and not field.numbers:
            return f"{field.name}__contains", folded(text)
    return f"{name}__icontains", text


def sort_field(model: type[models.Model], name: str) -> str:
    """The field that sorts the rows as people sort the field `name`."""
    fields = sorted((field for field in folded_fields(model) if field.source == name), key=lambda field: field.numbers)
    return fields[-1].name if fields else name


def fold_rows(apps: Any, label: str) -> None:
    """Write the folded fields of all rows, in a data migration with `atomic = False`."""
    model = apps.get_model(label)
    sources = {field.source for field in folded_fields(model)}
    for batch in in_batches(model, *sources, *(field.name for field in folded_fields(model))):
        with transaction.atomic():
            _fold_batch(model, batch, sources)


def _fold_batch(model: Any, rows: Iterable[Any], sources: set[str]) -> None:
    for row in rows:
        before = {source: getattr(row, source) for source in sources}
        values = folded_values(model, before)
        if any(getattr(row, name) != value for name, value in values.items()):
            model._base_manager.filter(pk=row.pk, **before).update(**values)
