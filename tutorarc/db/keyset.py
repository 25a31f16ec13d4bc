"""Keyset windows: a page is "the next n rows after a position", at the same cost anywhere in a list.

A window is applied to a queryset before it is evaluated, or to each branch of a union (see `Class.objects.visible_to`).
"""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Window:
    """`size` rows in the order of `fields` after `position` (the values of `fields` in a row).

    With `inclusive` they begin with that row itself, if it still exists. The last of `fields` is unique. All are
    ascending, or all descending if `descending`.
    """

    fields: tuple[str, ...]
    descending: bool
    size: int
    position: tuple[Any, ...] | None = None
    inclusive: bool = False

    def at(self, position: tuple[Any, ...] | None) -> "Window":
        """The same window at another position."""
        return replace(self, position=position)

    def beyond(self, **renamed: str) -> Q:
        """Condition for the rows after the position. `renamed` maps fields to other lookup paths."""
        condition, further = Q(), "lt" if self.descending else "gt"
        for value, field in reversed(list(zip(self.position or (), self.fields, strict=False))):
            column = renamed.get(field, field)
            if condition:
                condition = Q(**{f"{column}__{further}": value}) | (Q(**{column: value}) & condition)
            else:
                condition = Q(**{f"{column}__{further}{'e' if self.inclusive else ''}": value})
        if len(self.fields) > 1 and self.position:  # a bound that an index can start from
            condition &= Q(**{f"{renamed.get(self.fields[0], self.fields[0])}__{further}e": self.position[0]})
        return condition

    def cut(self, queryset: QuerySet[Row], **renamed: str) -> QuerySet[Row]:
        columns = [renamed.get(field, field) for field in self.fields]
        ordering = [f"-{column}" for column in columns] if self.descending else columns
        return queryset.filter(self.beyond(**renamed)).order_by(*ordering)[: self.size]


def branch_keys(
    model: type[Model], branch: QuerySet[Any], column: str, window: Window | None
) -> QuerySet[Any, dict[str, Any]]:
    """Keys of `model` in one branch of a union, limited to one page if the window applies to the branch."""
    if not window or (column != "pk" and window.fields != ("pk",)):
        return branch.order_by().values(column)
    page = window.cut(branch, pk=column).values(column)
    if connection.features.supports_slicing_ordering_in_compound:
        return page
    # SQLite allows no LIMIT or ORDER BY inside a UNION, so the branch becomes a subquery.
    return model._default_manager.filter(pk__in=page).order_by().values("pk")


def union_of(branches: list[QuerySet[Any, dict[str, Any]]]) -> QuerySet[Any, dict[str, Any]]:
    return branches[0].union(*branches[1:]) if len(branches) > 1 else branches[0]


def first_keys(keys: QuerySet[Any, dict[str, Any]], window: Window | None) -> QuerySet[Any, dict[str, Any]]:
    """Limit the union of the branches as a whole to one page, if it can be ordered by the keys.

    PostgreSQL doesn't know how many keys the branches return. If it expects many, it reads the table in the order of
    the keys until it has found a page of them.
    """
    if not window or window.fields != ("pk",):
        return keys
    return keys.order_by("-pk" if window.descending else "pk")[: window.size]
