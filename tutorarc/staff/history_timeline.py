"""Events of several querysets as one list, newest first, with keyset pages.

Each queryset contributes at most one page after the position, read from an index in this order.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet

from tutorarc.models import Event

PAGE = 25
MAX_POSITION = 2**63 - 1


class Page(NamedTuple):
    events: list[Event]
    earlier: int | None  # the position before which the next page starts


def read_place(text: str) -> int:
    """A position, from the address of a page. Raises ValueError for any other text."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > MAX_POSITION:
        raise ValueError(text)
    return int(text)


# The newest events, so many of them, before a position: for what should read a certain index.
Source = Callable[[int | None, int], QuerySet[Event]]


def page_of(sources: Iterable[QuerySet[Event] | Source], before: int | None = None, size: int = PAGE) -> Page:
    """The newest `size` numbered events of all sources before a position, without duplicates."""
    found: dict[Any, Event] = {
        event.position: event
        for source in sources
        for event in (source if callable(source) else partial(_newest, source))(before, size + 1)
    }
    newest = [found[position] for position in sorted(found, reverse=True)]
    return Page(newest[:size], newest[size - 1].position if len(newest) > size else None)


def _newest(source: QuerySet[Event], before: int | None, size: int) -> QuerySet[Event]:
    numbered = source.filter(position__isnull=False) if before is None else source.filter(position__lt=before)
    return numbered.order_by("-position")[:size]
