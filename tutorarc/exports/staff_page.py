"""The export of a person's data by staff, for somebody who asks for it in writing."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse

from tutorarc.domain.errors import DomainError
from tutorarc.exports.download import download
from tutorarc.exports.models import DataExport
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User
from tutorarc.staff.page import admin_page

PAGE = "tutorarc_user_data_export"


class DataExports:
    """ModelAdmin mixin of people: the action `export_data`, and the page with the file."""

    @admin.action(description="Export their data: for somebody who asks for it in writing", permissions=["change"])
    def export_data(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Leads to the page with the file, if it is about one person. Raises ReauthenticationRequired."""
        require_confirmation(request)
        people, site = list(queryset), link_for_others(request)

        def ask(person: User) -> int:
            return int(bool(DataExport.objects.ask(person, self.actor(request), site)))

        self.each(request, people, ask, "queued for export", of=len(people))
        if len(people) == 1 and DataExport.objects.of(people[0], signed_in_user(request)):
            request.page_of_export = reverse(f"admin:{PAGE}", args=[people[0].pk])  # type: ignore[attr-defined]

    def response_action(self, request: HttpRequest, queryset: QuerySet[User], *args: Any) -> HttpResponse:
        response: HttpResponse = super().response_action(request, queryset, *args)  # type: ignore[misc]
        page = getattr(request, "page_of_export", "")
        return redirect(page) if page else response

    def get_urls(self: Any) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/data-export/", wrap(self.data_export_view), name=PAGE),
            path("<path:object_id>/data-export/file", wrap(self.data_file_view), name=f"{PAGE}_file"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def data_export_view(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self._person(request, object_id)
        export = DataExport.objects.of(person, signed_in_user(request))
        title = "Export of a person’s data"
        response = admin_page(self, request, "exports/staff.html", title=title, person=person, export=export)
        if export and export.state == DataExport.State.WAITING:
            response["Refresh"] = "5"
        return response

    def data_file_view(self: Any, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Raises ReauthenticationRequired."""
        person = self._person(request, object_id)
        require_confirmation(request)
        export = DataExport.objects.of(person, signed_in_user(request))
        if export is None or export.state != DataExport.State.READY:
            raise Http404
        try:
            return download(request, export)
        except DomainError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(f"admin:{PAGE}", person.pk)

    def _person(self: Any, request: HttpRequest, object_id: str) -> User:
        """Raises PermissionDenied for a person whom this member of staff may not manage, and Http404."""
        person: User | None = self.get_object(request, unquote(object_id))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        return person
