"""Keyset windows: a page is "the next n rows after this place", at the same cost anywhere in a list.

A window is applied to a queryset before it is evaluated, or to each branch of a union (see `Class.objects.visible_to`).
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True)
class Window:
    """`size` rows in the order of `fields`, beyond `position` (the values of `fields` in the row one stands on).

    `fields` ends with a unique one. All run in one direction: from low to high, or from high to low if `descending`.
    """

    fields: tuple[str, ...]
    descending: bool
    size: int
    position: tuple[Any, ...] | None = None

    def at(self, position: tuple[Any, ...] | None) -> "Window":
        """The same window, elsewhere."""
        return replace(self, position=position)

    def beyond(self, **renamed: str) -> Q:
        """The condition on the rows; `renamed` maps a field to the column path it has elsewhere."""
        condition = Q()
        for value, field in reversed(list(zip(self.position or (), self.fields, strict=False))):
            column = renamed.get(field, field)
            further = Q(**{f"{column}__{'lt' if self.descending else 'gt'}": value})
            condition = further | (Q(**{column: value}) & condition) if condition else further
        return condition

    def cut(self, queryset: QuerySet, **renamed: str) -> QuerySet:
        columns = [renamed.get(field, field) for field in self.fields]
        ordering = [f"-{column}" for column in columns] if self.descending else columns
        return queryset.filter(self.beyond(**renamed)).order_by(*ordering)[: self.size]


def branch_keys(model: type[Model], branch: QuerySet, column: str, window: Window | None) -> QuerySet:
    """The keys of `model` in one branch of a union: one page of them, if the branch has what the window runs over."""
    if not window or (column != "pk" and window.fields != ("pk",)):
        return branch.order_by().values(column)
    page = window.cut(branch, pk=column).values(column)
    if connection.features.supports_slicing_ordering_in_compound:
        return page
    # SQLite takes neither LIMIT nor ORDER BY inside a compound, so the branch goes in as a subquery.
    return model._default_manager.filter(pk__in=page).order_by().values("pk")
