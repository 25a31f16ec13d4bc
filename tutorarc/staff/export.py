"""Any list of the admin site as CSV, as it is filtered and searched: streamed, 500 rows in memory at a time."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

import tablib
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import StreamingHttpResponse
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV

from tutorarc.staff.csv_file import BOM
from tutorarc.staff.links import admin_address
from tutorarc.staff.resources import CsvResource

CHUNK = 500
WRONG_FILTER = "?e=1"  # Django's own sign of a list that was asked for something it doesn't have


class CsvExport(ExportMixin):
    """For a ModelAdmin with one of `resource_classes`. Who may see the list may have it as a file."""

    opts: Any
    import_export_change_list_template = "tutorarc/staff/list.html"

    def has_export_permission(self: Any, request: HttpRequest) -> bool:
        return bool(self.has_view_or_change_permission(request))

    def export_action(self: Any, request: HttpRequest) -> HttpResponseBase:
        if not self.has_export_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            refuse_nul(request)
            rows = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(admin_address(self.model, "changelist") + WRONG_FILTER)
        [resource] = self.resource_classes
        name = f"{self.opts.verbose_name_plural} {date.today():%Y-%m-%d}.csv".replace(" ", "-")
        return StreamingHttpResponse(
            _file(resource(), rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def refuse_nul(request: HttpRequest) -> None:
    """Raises IncorrectLookupParameters: no text in the database holds a NUL, and PostgreSQL takes none."""
    if any("\0" in value for _, values in request.GET.lists() for value in values):
        raise IncorrectLookupParameters()


def _file(resource: CsvResource, rows: QuerySet) -> Iterator[str]:
    """Its pieces. The mark at its beginning tells spreadsheets that it is UTF-8."""
    yield BOM + CSV().export_data(tablib.Dataset(resource.get_export_headers()))
    iterator = rows.iterator(CHUNK)
    while chunk := [resource.export_resource(row) for row in islice(iterator, CHUNK)]:
        yield CSV().export_data(tablib.Dataset(*chunk))
