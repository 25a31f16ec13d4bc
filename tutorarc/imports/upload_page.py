"""The page `import/` of a list in the admin site, which takes a file and leads to the page of its import."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.utils.functional import cached_property

from tutorarc.conf.mail_url import OFF
from tutorarc.domain.events import Actor
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.imports.check import check
from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.kinds import KINDS, PLANNERS, Kind, Reading, read_upload
from tutorarc.imports.models import Import, ImportFile, ImportState
from tutorarc.imports.people import roles_to_give
from tutorarc.imports.plans import Terms
from tutorarc.imports.tables import MAX_BYTES, MAX_ROWS
from tutorarc.staff.csv_file import BOM, escape_formula
from tutorarc.staff.export import csv_text
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url

ONLY_ADD = "add"  # value of the choice `mode`


class FileImport:
    """ModelAdmin mixin with the page `import/`, for users who may add and change."""

    import_kind = ""

    @cached_property
    def kind_of_import(self) -> Kind:
        return KINDS[self.import_kind]

    def get_urls(self: Any) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        pages = {"import/": (self.import_view, name), "import/template.csv": (self.template_view, f"{name}_template")}
        own = [path(route, self.admin_site.admin_view(view), name=name) for route, (view, name) in pages.items()]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def has_import_permission(self: Any, request: HttpRequest) -> bool:
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def changelist_view(self: Any, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"has_import_permission": self.has_import_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)  # type: ignore[misc]

    def import_view(self: Any, request: HttpRequest) -> HttpResponseBase:
        if not self.has_import_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._upload_page(request)
        try:
            data, name = _upload(request)
            reading = read_upload(self.kind_of_import, data, name)
            refuse_forbidden(request, reading)
        except Unreadable as refusal:
            return self._upload_page(request, errors=refusal.reasons)
        about = new_import(request, self.import_kind, name, reading, data)
        return HttpResponseRedirect(admin_url(Import, "change", about.pk))

    def template_view(self: Any, request: HttpRequest) -> HttpResponse:
        """A file to fill in."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        rows = [[escape_formula(cell) for cell in row] for row in self.kind_of_import.template]
        headers = {"Content-Disposition": f'attachment; filename="{self.import_kind}.csv"'}
        return HttpResponse(BOM + csv_text(rows), content_type="text/csv; charset=utf-8", headers=headers)

    def _upload_page(self: Any, request: HttpRequest, **context: Any) -> HttpResponse:
        kind = self.kind_of_import
        only_adds, invites = _chosen(request)
        choices = upload_choices(request, only_adds=only_adds, invites=invites)
        context |= {"kind": kind, "title": kind.title, **choices}
        return admin_page(self, request, "imports/upload.html", **context)


def upload_choices(request: HttpRequest, *, only_adds: bool, invites: bool) -> dict[str, Any]:
    """Context of the form that takes a file. `only_adds` and `invites` are what was chosen before."""
    limits = {"max_rows": f"{MAX_ROWS:,}", "max_mib": MAX_BYTES // 1024**2}
    roles = roles_to_give(Terms(by=Actor(signed_in_user(request))))
    chosen = {"only_adds": only_adds, "invites": invites}
    return {**limits, **chosen, "roles": roles, "sends_mail": settings.EMAIL_BACKEND != OFF}


def _chosen(request: HttpRequest) -> tuple[bool, bool]:
    """Whether the file may only add, and whether new people are invited."""
    return request.POST.get("mode") == ONLY_ADD, bool(request.POST.get("invite"))


def refuse_forbidden(request: HttpRequest, reading: Reading) -> None:
    """Raises Unreadable if a file has parts that this user may not import."""
    if reading.parts is None:
        return
    user = signed_in_user(request)
    forbidden = [
        planner.records
        for part, planner in PLANNERS.items()
        if reading.parts.rows(part) and not user.has_perms(planner.permissions)
    ]
    if forbidden:
        raise Unreadable(f"The file also holds {' and '.join(forbidden)}, which you may not import.")


def new_import(request: HttpRequest, kind: str, name: str, reading: Reading, data: bytes) -> Import:
    """Keep the file with what was chosen, and check it if its columns are known."""
    only_adds, invites = _chosen(request)
    about = Import(
        kind=kind,
        file_name=name,
        by=signed_in_user(request),
        state=ImportState.MAPPING,
        may_update=not only_adds,
        invites=invites,
        site=link_for_others(request),
    )
    if reading.parts is None:
        _keep_file(about, data)
    else:
        reading.parts.notes[:0] = reading.notes
        check(about, reading.parts)
    return about


@transaction.atomic
def _keep_file(about: Import, data: bytes) -> None:
    about.save(force_insert=True)
    ImportFile.keep(about, {"name": about.file_name, "data": data.decode("latin-1")})


def _upload(request: HttpRequest) -> tuple[bytes, str]:
    """The file and its name. Raises Unreadable."""
    file = request.FILES.get("file")
    if file is None:
        raise Unreadable("Choose a file.")
    if (file.size or 0) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1024**2} MiB. Split it.")
    return bytes(file.read()), str(file.name or "file")[:200]
