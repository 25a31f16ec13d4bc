"""Imports in the admin site: columns to choose, preview, progress and result, and the list of who imported what."""

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.imports import work
from tutorarc.imports.arrange import MEMBERS, PEOPLE
from tutorarc.imports.check import SHOWN, check
from tutorarc.imports.columns import IGNORED
from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.failed_lines import failed_lines
from tutorarc.imports.kinds import KINDS, PLANNERS, read_upload
from tutorarc.imports.models import FAILED, Import, ImportFile, ImportState
from tutorarc.imports.plans import BATCH, OUTCOMES
from tutorarc.imports.upload_page import refuse_forbidden, upload_choices
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent
from tutorarc.staff.background_work import ReadOnlyAdmin
from tutorarc.staff.base import label
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url, person_link

SECONDS_TO_RELOAD = 2
LISTS = {"people": "tutorarc_user", "classes": "classes_class", "rosters": "members_membership"}
log = logging.getLogger("tutorarc.imports")


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    csv_columns = ("id", "created_at", "kind", "file_name", "state", "total", "summary", "finished_at")
    list_display = ("file_name", "kind", "status", "who", "created_at", "result")
    list_select_related = ("by",)
    search_fields = ("file_name",)
    search_help_text = "File or id"
    ordering = ("-id",)
    sortable_by = ("created_at",)
    details = ("id",)
    fieldsets = ((None, {"fields": details}),)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may import sees their own imports, and superusers all."""
        user = signed_in_user(request)
        if obj is not None:
            return user.is_superuser or obj.by_id == user.pk
        return user.is_superuser or any(user.has_perms(planner.permissions) for planner in PLANNERS.values())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        imports: QuerySet[Import] = super().get_queryset(request)
        user = signed_in_user(request)
        return imports if user.is_superuser else imports.filter(by=user)

    def get_urls(self) -> list[Any]:
        lines = path("<path:pk>/lines.csv", self.admin_site.admin_view(self.lines_view), name="imports_import_lines")
        return [lines, *super().get_urls()]

    @admin.display(description="state")
    def status(self, about: Import) -> SafeString:
        return label(about.get_state_display())

    @admin.display(description="by")
    def who(self, about: Import) -> SafeString:
        return person_link(about.by)

    @admin.display(description="result")
    def result(self, about: Import) -> str:
        return "" if about.is_open else about.summary

    # The page of an import

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> Any:
        about = self._import(request, object_id)
        if request.method == "POST" and about.is_open:
            return self._answer(request, about)
        if request.method == "POST" and "go_on" in request.POST:
            return self._go_on(request, about)
        return self._page(request, about)

    def lines_view(self, request: HttpRequest, pk: str) -> StreamingHttpResponse:
        """The lines that were not imported, as a file that can be corrected and imported."""
        about = self._import(request, pk)
        headers = {"Content-Disposition": f'attachment; filename="not-imported-{about.pk}.csv"'}
        content_type = "text/csv; charset=utf-8"
        return StreamingHttpResponse(failed_lines(about), content_type=content_type, headers=headers)

    def _import(self, request: HttpRequest, pk: str) -> Import:
        about = self.get_object(request, pk)
        if about is None:
            raise Http404
        if not self.has_view_permission(request, about):
            raise PermissionDenied
        return about

    def _answer(self, request: HttpRequest, about: Import) -> HttpResponse:
        """Cancel it, read it with the chosen columns, or start it."""
        if about.by_id != request.user.pk:
            raise PermissionDenied
        if "cancel" in request.POST:
            about.delete()
            self.message_user(request, "Nothing was imported, and the file was deleted.", messages.INFO)
            return HttpResponseRedirect(self._upload_url(about))
        if about.state == ImportState.MAPPING:
            return self._read_again(request, about)
        if "start" in request.POST:
            self._start(request, about)
        return HttpResponseRedirect(request.path)

    def _read_again(self, request: HttpRequest, about: Import) -> HttpResponse:
        content = about.file.read()
        chosen = [value if value else IGNORED for value in request.POST.getlist("column")]
        try:
            reading = read_upload(KINDS[about.kind], content["data"].encode("latin-1"), content["name"], chosen)
            refuse_forbidden(request, reading)
        except Unreadable as refusal:
            return self._page(request, about, errors=refusal.reasons, chosen=chosen)
        if reading.parts is None:
            errors = [f"Choose which column is: {label}." for label in reading.missing]
            return self._page(request, about, errors=errors, chosen=chosen)
        reading.parts.notes[:0] = reading.notes
        check(about, reading.parts)
        return HttpResponseRedirect(request.path)

    def _go_on(self, request: HttpRequest, about: Import) -> HttpResponse:
        """Queue an interrupted import again. It is done in the name of the person who started it."""
        if not _may_go_on(about):
            raise PermissionDenied
        _require_confirmation(request, about)
        if not work.go_on(about):
            self.message_user(request, "This import has already gone on.", messages.INFO)
        return HttpResponseRedirect(request.path)

    def _start(self, request: HttpRequest, about: Import) -> None:
        """A small import is carried out at once; if that fails, the job does it later."""
        _require_confirmation(request, about)
        with transaction.atomic():
            locked = Import.objects.select_for_update(no_key=True).get(pk=about.pk)
            if locked.state == ImportState.READY:
                work.start(locked)
        if about.total <= BATCH:
            try:
                work.carry_out({"import": about.pk})
            except DatabaseError:
                log.exception("An import goes on in the background.")

    def _page(self, request: HttpRequest, about: Import, **context: Any) -> HttpResponse:
        context |= {
            "about": about,
            "title": KINDS[about.kind].title,
            "kind": KINDS[about.kind],
            **upload_choices(request, only_adds=not about.may_update, invites=about.invites),
        }
        context |= {"upload_url": self._upload_url(about), "list_url": reverse(f"admin:{LISTS[about.kind]}_changelist")}
        if about.state == ImportState.MAPPING:
            context |= _columns_to_choose(about, context.get("chosen"))
        else:
            context |= self._shown(request, about)
        response = admin_page(self, request, "imports/import.html", **context)
        if about.state == ImportState.RUNNING:
            response["Refresh"] = str(SECONDS_TO_RELOAD)
        return response

    def _shown(self, request: HttpRequest, about: Import) -> dict[str, Any]:
        problems, failed = list(about.lines.all()[:SHOWN]), about.count(FAILED)
        sees_log = request.user.has_perm("tutorarc.view_securityevent")
        return {
            "groups": [(outcome, about.count(outcome), about.preview["groups"][outcome]) for outcome in OUTCOMES],
            "problems": problems,
            "failed": failed,
            "more": failed - len(problems),
            "importable": about.total - failed,
            "can_start": about.state == ImportState.READY and about.changes > 0 and about.by_id == request.user.pk,
            "is_interrupted": (is_interrupted := about.is_interrupted),
            "can_go_on": is_interrupted and _may_go_on(about),
            "shown": SHOWN,
            "records": [(_record_url(model, pk), name) for model, pk, name in about.records],
            "job": _job(about),
            "security_log": f"{admin_url(SecurityEvent, 'changelist')}?kind__exact=import" if sees_log else "",
        }

    def _upload_url(self, about: Import) -> str:
        return reverse(f"admin:{LISTS[about.kind]}_import")


def _require_confirmation(request: HttpRequest, about: Import) -> None:
    """An import of people or enrolments gives access."""
    parts = about.preview.get("parts", {})
    if parts.get(PEOPLE) or parts.get(MEMBERS):
        require_confirmation(request)


def _job(about: Import) -> Job | None:
    """The open job of the import, or the newest that failed. Only this one has no key any more."""
    if about.state == ImportState.STOPPED:
        return Job.objects.failed().filter(kind="import", payload__import=about.pk).order_by("pk").last()
    return Job.objects.filter(key=f"import {about.pk}").first()


def _may_go_on(about: Import) -> bool:
    """Whether the person who started it may still import what it holds."""
    return work.may_import(about, [part for part, rows in about.preview["parts"].items() if rows])


def _columns_to_choose(about: Import, chosen: Any) -> dict[str, Any]:
    """The columns of the file with the first values of each, and what each is so far."""
    kind, content = KINDS[about.kind], ImportFile.objects.get(pk=about.pk).read()
    reading = read_upload(kind, content["data"].encode("latin-1"), content["name"])
    [table] = reading.tables
    fields = chosen or [field or "" for field in (reading.matched.fields if reading.matched else [])]
    samples = [cells for _, cells in table.rows[:3]]
    columns = [
        (name, [row[index] for row in samples if index < len(row)], fields[index] if index < len(fields) else "")
        for index, name in enumerate(table.header)
    ]
    return {"columns": columns, "missing": reading.missing}


def _record_url(model: str, pk: str) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_change", args=[pk])
