from typing import Any

from rest_framework.request import Request

from members.filters import BY_POSITION
from tutorarc.api.pagination import Cursor, KeysetPagination, page_size_of
from tutorarc.http.public_url import site_url


class FilteredRosterPagination(KeysetPagination):
    """Pages of a past roster by status or role: each looks at a limited number of rows, and links on behind them."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = site_url(request, request.get_full_path())
        self.ordering = BY_POSITION
        size = page_size_of(request)
        here = self._read_cursor(request, queryset.model)
        rows, end = view.rows_and_end(queryset, self._window(here, size + 1))
        self.rows = rows[:size][::-1] if here.backwards else rows[:size]
        links = self._behind(here, rows), self._ahead(here, rows, size, end)
        self.previous, self.next = reversed(links) if here.backwards else links
        return self.rows

    def _ahead(self, here: Cursor, rows: list[Any], size: int, end: int | None) -> Cursor | None:
        if len(rows) > size:
            return Cursor(self.ordering.cursor_values(rows[size - 1]), here.backwards)
        return Cursor((end,), here.backwards) if end else None

    def _behind(self, here: Cursor, rows: list[Any]) -> Cursor | None:
        if here.position is None:
            return None
        return Cursor(self.ordering.cursor_values(rows[0]), not here.backwards) if rows else here.opposite
