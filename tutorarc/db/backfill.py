"""Changes to all rows of a table in use, in data migrations with `atomic = False`: no row is locked for long."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

BATCH = 1_000

Row = Any
Changes = dict[str, Any]


def in_batches(model: Any, *fields: str) -> Iterator[list[Row]]:
    """All rows, with these fields alone, in the order of their keys."""
    rows = model._base_manager.order_by("pk").only(*fields)
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def rewrite(apps: Any, label: str, fields: tuple[str, ...], changes_of: Callable[[Row], Changes], verb: str) -> int:
    """Write what `changes_of` returns for each row, with an audit record. Returns the number of changed rows.

    A row that somebody else changes meanwhile is left alone.
    """
    model, written = apps.get_model(label), 0
    for batch in in_batches(model, *fields):
        for row in batch:
            if changes := changes_of(row):
                written += write(apps, row, {name: getattr(row, name) for name in fields}, changes, verb)
    return written


@transaction.atomic
def write(apps: Any, row: Row, before: Changes, changes: Changes, verb: str) -> int:
    """Change a row that still has the values `before`, and write its audit record. Raises IntegrityError."""
    model = type(row)
    written = model._base_manager.filter(pk=row.pk, **before).update(**changes)
    if written:
        history = apps.get_model(model._meta.app_label, f"Historical{model.__name__}")
        names = {field.attname for field in model._meta.concrete_fields}
        now = model._base_manager.filter(pk=row.pk).values(*names).get()
        copied = {field.attname: now[field.attname] for field in history._meta.concrete_fields if field.attname in now}
        history.objects.create(**copied, history_date=timezone.now(), history_type="~", history_change_reason=verb)
    return written
