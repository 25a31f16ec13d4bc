"""External ids of classes and live sessions: unique for each creator, which a constraint of the database keeps."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from tutorarc.domain.errors import ExternalIdTaken

Row = TypeVar("Row")


def write_with_external_id(row: Any, external_id: str | None, write: Callable[[], Row], *, field: str) -> Row:
    """What `write()` returns, which gives the row this external id; without one, no further statement is needed.

    Raises ExternalIdTaken, for `field`, with the id of the row that has it.
    """
    if external_id is None:
        return write()
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        same = type(row)._base_manager.filter(created_by=row.created_by_id, external_id=external_id)
        first = same.exclude(pk=row.pk).values_list("pk", flat=True).first()
        if first is None:
            raise
        raise ExternalIdTaken.by_row(first, field) from None
