"""Saved filters: links above a list of the admin site, with the number of rows that each of them finds."""

from copy import copy
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from unfold.contrib.filters.admin import RadioFilter

from tutorarc.staff.export import matching_rows

MOST_COUNTED = 100


class SavedFilter(NamedTuple):
    label: str
    query: str  # of the list's address, without the question mark
    number: str  # up to "100", and "100+"


class OnlyFilter(RadioFilter):
    """Filter with one choice, `?parameter=yes`."""

    choice = ""

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return [("yes", self.choice)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.only(queryset) if self.value() == "yes" else queryset

    def only(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        raise NotImplementedError


class SavedFilters:
    """ModelAdmin mixin: the links, each counted in one statement that stops after 100 rows."""

    saved_filters: tuple[tuple[str, str], ...] = ()  # label and query

    def changelist_view(self: Any, request: HttpRequest, extra_context: Any = None) -> Any:
        found = self.counted_filters(request) if request.method == "GET" else []
        return super().changelist_view(request, {"saved_filters": found, **(extra_context or {})})  # type: ignore[misc]

    def counted_filters(self: Any, request: HttpRequest) -> list[SavedFilter]:
        if not self.has_view_or_change_permission(request):
            return []
        return [SavedFilter(label, query, _count(self, request, query)) for label, query in self.saved_filters]


def _count(page: Any, request: HttpRequest, query: str) -> str:
    filtered = copy(request)
    filtered.GET = QueryDict(query)
    found = matching_rows(page, filtered).order_by().values("pk")[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)
