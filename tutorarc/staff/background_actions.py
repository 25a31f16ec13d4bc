"""Bulk actions as admin actions, and the page with the progress of those that are done in the background."""

from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models.bulk_change import BulkChange
from tutorarc.staff.actions import OPTIONS
from tutorarc.staff.bulk_changes import BULK_ACTIONS, BulkAction, Options, OptionsForm, enqueue
from tutorarc.staff.forms import may_be_key
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url
from tutorarc.staff.record_list import MAX_IN_BACKGROUND
from tutorarc.staff.remedies import bulk_remedies

REFUSED_SHOWN = 500


class BackgroundActions:
    """ModelAdmin mixin for lists with bulk actions. Those with a label are added to the list's own actions."""

    @property
    def in_background(self: Any) -> frozenset[str]:
        """Names of the actions that take more rows than others."""
        return frozenset(name for name, action in BULK_ACTIONS.items() if action.model is self.model)

    def get_actions(self: Any, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        added = [] if "_popup" in request.GET else self.added_actions(request)
        return actions | {name: (_changed_by(name), name, action.label) for name, action in added}

    def added_actions(self: Any, request: HttpRequest) -> list[tuple[str, BulkAction]]:
        """Those that other apps registered, and the user may do."""
        ours = [(name, BULK_ACTIONS[name]) for name in sorted(self.in_background)]
        return [(name, one) for name, one in ours if one.label and request.user.has_perms(one.permissions)]

    def further_offered(self: Any, request: HttpRequest, row: Any) -> list[str]:
        return [name for name, action in self.added_actions(request) if action.offered(row)]

    def most_at_once(self: Any, action: str) -> int:
        return min(super().most_at_once(action), BULK_ACTIONS[action].at_once)  # type: ignore[misc]

    def options_form(self: Any, request: HttpRequest, action: str) -> OptionsForm | None:
        """The form of an action that asks for more than the rows, filled in once it was shown."""
        form = BULK_ACTIONS[action].form if action in self.in_background else None
        data = request.POST if request.POST.get("sure") == "yes" else None
        return form(data, prefix=OPTIONS) if form else None

    def change_selected(
        self: Any, request: HttpRequest, queryset: QuerySet[Any], action: str, options: Options | None = None
    ) -> None:
        """Raises ReauthenticationRequired for a change that gives rights."""
        one = BULK_ACTIONS[action]
        if one.gives_rights:
            require_confirmation(request)
        told = {"site": link_for_others(request), **(options or self._options(request, action))}
        rows = list(queryset)
        self.each(request, rows, lambda row: one.change(row, self.actor(request), told), one.done, of=len(rows))

    def begin_in_background(
        self: Any, request: HttpRequest, queryset: QuerySet[Any], action: str, options: Options | None = None
    ) -> HttpResponse:
        """Raises PermissionDenied, and ReauthenticationRequired for a change that gives rights."""
        one = BULK_ACTIONS[action]
        if not request.user.has_perms(one.permissions):
            raise PermissionDenied
        if one.gives_rights:
            require_confirmation(request)
        with transaction.atomic():
            run = BulkChange.objects.create(
                by=signed_in_user(request),
                action=action,
                label=self.get_actions(request)[action][2].partition(": ")[0],
                site=link_for_others(request),
                keys=list(queryset.order_by("pk").values_list("pk", flat=True)[:MAX_IN_BACKGROUND]),
                options=dict(options or self._options(request, action)),
            )
            enqueue(run.pk)
        return redirect(admin_url(self.model, "bulk_change", run.pk))

    def _options(self: Any, request: HttpRequest, action: str) -> Options:
        """What the form of the action asked for, which was valid."""
        form = self.options_form(request, action)
        return form.options() if form and form.is_valid() else {}

    def get_urls(self: Any) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_bulk_change"
        page = path("bulk-changes/<int:pk>/", self.admin_site.admin_view(self.bulk_change_view), name=name)
        return [page, *super().get_urls()]  # type: ignore[misc]

    def bulk_change_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Progress and result, for all staff who may do the same. It loads itself again until all is done."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        run = get_object_or_404(BulkChange, pk=pk) if may_be_key(BulkChange, pk) else None
        if run is None or run.action not in self.in_background:
            raise Http404
        action = BULK_ACTIONS[run.action]
        if not request.user.has_perms(action.permissions):
            raise PermissionDenied
        response = admin_page(self, request, "tutorarc/staff/bulk_change.html", **self._progress(request, run, action))
        if not run.finished_at:
            response["Refresh"] = "3"
        return response

    def _progress(self: Any, request: HttpRequest, run: BulkChange, action: BulkAction) -> dict[str, Any]:
        refused = run.refused[:REFUSED_SHOWN]
        rows = self.model._base_manager.in_bulk([key for key, _ in refused])
        remedies = bulk_remedies(request, run.action, list(rows.values()))
        named = [
            (rows.get(key), admin_url(self.model, "change", key), reason, remedies.get(key, ""))
            for key, reason in refused
        ]
        return {"title": run.label, "run": run, "done": action.done, "refused": named}


def _changed_by(name: str) -> Any:
    return partial(_change, name)


def _change(name: str, page: BackgroundActions, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    page.change_selected(request, queryset, name)
