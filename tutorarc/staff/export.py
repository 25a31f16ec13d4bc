"""CSV export of the admin's lists, with their filters, search and order."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import StreamingHttpResponse
from django.urls import path
from django.utils import timezone

from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.staff.csv_file import BOM, escape_formula
from tutorarc.staff.page_links import admin_url

CHUNK = 500
WRONG_FILTER = "?e=1"  # Django's marker for invalid list parameters
# A field name, or a column name with a function of the row.
Column = str | tuple[str, Callable[[Any], object]]


class WholeList(ChangeList):
    """Change list with all matching rows, without pages and counts."""

    def get_results(self, request: HttpRequest) -> None:
        pass


class CsvExport:
    """ModelAdmin mixin with the page `export/`, for users who may view the list.

    Columns are listed explicitly, so that a new field isn't exported by accident.
    """

    csv_columns: Sequence[Column]

    def get_urls(self: Any) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        own = [path("export/", self.admin_site.admin_view(self.export_view), name=name)]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self: Any, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"has_export_permission": self.has_view_or_change_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def export_view(self: Any, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            refuse_nul(request)
            rows = matching_rows(self, request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(admin_url(self.model, "changelist") + WRONG_FILTER)
        name = f"{self.opts.verbose_name_plural} {timezone.now():%Y-%m-%d}.csv".replace(" ", "-")
        return StreamingHttpResponse(
            self._recorded_chunks(request, rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _recorded_chunks(self: Any, request: HttpRequest, rows: QuerySet[Model]) -> Iterator[str]:
        """The file, and a security event once it is sent, whole or up to where the client went away."""
        sent = 0
        complete = False
        try:
            yield BOM + csv_text([column_names(self.csv_columns)])
            for chunk in chunks(rows):
                yield csv_text([_cell(row, column) for column in self.csv_columns] for row in chunk)
                sent += len(chunk)
            complete = True
        finally:
            by, records = Actor(signed_in_user(request)), str(self.opts.verbose_name_plural)
            SecurityEvent.objects.record(SecurityEventKind.EXPORT, by=by, records=records, rows=sent, complete=complete)


def matching_rows(admin: Any, request: HttpRequest) -> QuerySet[Model]:
    """All rows of the list with the request's filters, search and order. Raises IncorrectLookupParameters."""
    page = copy(admin)  # a copy, because one ModelAdmin serves every thread
    page.get_changelist = lambda _request: WholeList
    return page.get_changelist_instance(request).queryset


def refuse_nul(request: HttpRequest) -> None:
    """Raises IncorrectLookupParameters for NUL characters, which PostgreSQL refuses."""
    if any("\0" in value for _, values in request.GET.lists() for value in values):
        raise IncorrectLookupParameters()


def column_names(columns: Sequence[Column]) -> list[str]:
    return [column if isinstance(column, str) else column[0] for column in columns]


def chunks(rows: QuerySet[Model]) -> Iterator[list[Model]]:
    """The rows, 500 in memory at a time."""
    iterator = rows.iterator(CHUNK)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Every cell is in quotes, so that most spreadsheets recognise the delimiter."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def _cell(row: Model, column: Column) -> str:
    return cell_text(getattr(row, column) if isinstance(column, str) else column[1](row))


def cell_text(value: object) -> str:
    """A value as a cell that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return datetime_text(value.replace(microsecond=0))
    return escape_formula(str(value))
