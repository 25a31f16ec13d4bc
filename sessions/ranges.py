"""Querysets whose pages are read from several indexes, one for each range, or by the start of sessions."""

from datetime import datetime
from itertools import product
from typing import Any, NamedTuple, Self, TypeVar

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Coalesce

from tutorarc.db.keyset import Window, branch_keys

MOST_SORTED = 2_000  # sessions that are all read and sorted for one page

Row = TypeVar("Row", bound=models.Model)


class Range(NamedTuple):
    """A condition that has an index of its own. With `is_few`, so few sessions meet it that they can be sorted."""

    condition: Q
    is_few: bool = False


class RangedQuerySet(models.QuerySet[Row]):
    """Lists by age are in the order of ids, others in the order of `start_time`."""

    ranges: tuple[tuple[Range, ...], ...] = ()
    span: tuple[datetime | None, datetime | None] | None = None

    def in_ranges(self, *ranges: Range) -> Self:
        """The same sessions, each of which is in one of the ranges.

        A page of them is read from the index of each range, so that sessions between them aren't read. Don't combine
        such querysets by `|`.
        """
        same = self.all()
        same.ranges = (*self.ranges, ranges)
        return same

    def in_span(self, after: datetime | None, before: datetime | None) -> Self:
        """Sessions that start between these times.

        SQLite doesn't estimate how many these are. So it gets the condition on an expression without an index, and
        `parts` adds the one on `start_time` where its index is to be used.
        """
        field = "unindexed_start" if connection.vendor == "sqlite" else "start_time"
        same = self.alias(unindexed_start=Coalesce("start_time", "start_time")).filter(_between(field, after, before))
        same.span = after, before
        return same

    def _clone(self) -> Self:
        same: Self = super()._clone()  # type: ignore[misc]
        same.ranges, same.span = self.ranges, self.span
        return same

    def parts(self, window: Window | None, *, are_few: bool | None = None) -> list[tuple[Self, str]]:
        """Querysets, one for each combination of ranges, that together have a page, and the name of their key.

        Few sessions get a key without an index: in the order of an index, the database may read all sessions until it
        has found a page of them. `are_few` tells whether those in the span are few; None if that is not known.
        """
        if window is None:
            return [(self, "pk")]
        is_by_id, found = window.fields == ("pk",), []
        span = _between("start_time", *self.span) if self.span and are_few is not False else Q()
        for ranges in product(*self.ranges):
            part = self.filter(span, *(one.condition for one in ranges))
            if is_by_id and (are_few or any(one.is_few for one in ranges)):
                found.append((part.annotate(sorted_pk=Coalesce("pk", "pk")), "sorted_pk"))
            else:
                found.append((part, "pk"))
        return found

    def is_narrow(self, window: Window | None) -> bool | None:
        """Whether so few sessions start in the span that it is quicker to sort them than to look for them by age.

        None for other lists than those by age, and without a span.
        """
        if self.span is None or window is None or window.fields != ("pk",):
            return None
        inside = self.model._default_manager.filter(_between("start_time", *self.span)).order_by("start_time")
        return inside[: MOST_SORTED + 1].count() <= MOST_SORTED

    def branches(
        self, parts: list[tuple[Self, str]], window: Window | None
    ) -> list[models.QuerySet[Any, dict[str, Any]]]:
        """The keys of a page of each part, all as `pk`."""
        found = [(branch_keys(self.model, part, key, window), key) for part, key in parts]
        every: Any = self.model._default_manager.order_by()
        return [keys if key == "pk" else every.filter(pk__in=keys).values("pk") for keys, key in found]


def _between(field: str, after: datetime | None, before: datetime | None) -> Q:
    later = Q(**{f"{field}__gt": after}) if after else Q()
    return later & Q(**{f"{field}__lt": before}) if before else later
