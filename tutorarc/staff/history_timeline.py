"""Audit records of several tables as one list, newest first, with keyset pages.

Each table contributes at most one page after the position, read from an index in this order.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tutorarc.db import page_tokens

PAGE = 25
NEWEST_FIRST = ("-history_date", "-history_id")
LONGEST_PLACE = 200  # characters


class Place(NamedTuple):
    """Position of a record: time, then table name and id."""

    time: datetime
    table: str
    number: int

    def encode(self) -> str:
        return page_tokens.encode(tuple(self))


class Page(NamedTuple):
    records: list[Any]
    earlier: Place | None


def place_of(record: Any) -> Place:
    return Place(record.history_date, record._meta.label_lower, record.history_id)


def read_place(text: str) -> Place:
    """Decode a position. Raises ValueError for malformed text."""
    if len(text) > LONGEST_PLACE:
        raise ValueError(text)
    try:
        time, table, number = page_tokens.decode(text)
        return Place(datetime.fromisoformat(time).astimezone(UTC), table.lower(), int(number))
    except (TypeError, AttributeError, OverflowError) as error:
        raise ValueError(text) from error


def page_of(sources: Iterable[QuerySet[Any]], before: Place | None = None, size: int = PAGE) -> Page:
    """The newest `size` records of all sources before a position, without duplicates."""
    found = {place_of(record): record for source in sources for record in _newest(source, before, size + 1)}
    places = sorted(found, reverse=True)[: size + 1]
    return Page([found[place] for place in places[:size]], places[size - 1] if len(places) > size else None)


def _newest(source: QuerySet[Any], before: Place | None, size: int) -> QuerySet[Any]:
    if before:
        source = source.filter(history_date__lte=before.time)
        table = source.model._meta.label_lower
        if table == before.table:
            source = source.filter(Q(history_date__lt=before.time) | Q(history_id__lt=before.number))
        elif table > before.table:
            source = source.filter(history_date__lt=before.time)
    return source.order_by(*NEWEST_FIRST)[:size]


def predecessors(records: Iterable[Any]) -> dict[Place, Any]:
    """Previous record of the same row, by the position of each record. One statement for each table."""
    of_model: dict[Any, list[Any]] = defaultdict(list)
    for record in records:
        of_model[type(record)].append(record)
    return {place: row for model, group in of_model.items() for place, row in _pairs(model, group)}


def _pairs(model: Any, records: list[Any]) -> Iterator[tuple[Place, Any]]:
    same_row = model.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    just_before = same_row.filter(history_date__lte=OuterRef("history_date")).order_by(*NEWEST_FIRST).values("pk")[:1]
    wanted = (
        model.objects.filter(pk__in=[record.pk for record in records]).order_by().values(before=Subquery(just_before))
    )
    known = [*records, *model.objects.filter(pk__in=wanted)]
    for record in records:
        earlier = [row for row in known if row.id == record.id and place_of(row) < place_of(record)]
        if earlier:
            yield place_of(record), max(earlier, key=place_of)
