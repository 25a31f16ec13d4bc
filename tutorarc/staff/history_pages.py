"""History pages of the admin site, read from the audit records."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.http import urlencode

from tutorarc.models import User
from tutorarc.staff.history_registry import histories, history_of, is_recorded
from tutorarc.staff.history_sentences import AuditEntry, Ref, audit_entries
from tutorarc.staff.history_timeline import Place, page_of, read_place
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url

PEOPLE_SEARCHED = 50


class Part(NamedTuple):
    """Text with an optional link."""

    text: str
    address: str = ""


class Line(NamedTuple):
    entry: AuditEntry
    actor: Part | None
    sentence: list[Part]
    key: Part | None


class HistoryPages:
    """ModelAdmin mixin: the history page shows audit records instead of Django's log entries."""

    model: Any
    opts: Any

    def render_change_form(self: Any, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Link to the history for users who may view it."""
        if (row := options.get("obj")) and is_recorded(self.model):
            context["show_history"] = bool(_permitted(request, _sources(row)))
        return super().render_change_form(request, context, *args, **options)  # type: ignore[misc]

    def history_view(self: Any, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):  # before the look-up: else it would say which ids exist
            raise PermissionDenied
        if not is_recorded(self.model):
            return super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        try:
            before = _requested_place(request)
        except ValueError:
            messages.warning(request, "That page of the history doesn't exist: these are the newest entries.")
            return HttpResponseRedirect(request.path)
        return admin_page(self, request, "tutorarc/staff/timeline.html", **timeline(request, row, before))


def timeline(request: HttpRequest, row: Any, before: Place | None) -> dict[str, Any]:
    """Template context of the history page. Raises PermissionDenied if the user may view none of it."""
    search = history_of(type(row)).search_people
    term = request.GET.get("q", "").replace("\0", "").strip() if search else ""
    people = list(search(row, term)[: PEOPLE_SEARCHED + 1]) if search and term else []
    too_many = len(people) > PEOPLE_SEARCHED
    sources = _sources_about(row, people) if term else _sources(row)
    permitted = _permitted(request, sources)
    if sources and not permitted:
        raise PermissionDenied
    page = page_of([] if too_many else permitted, before)
    return {
        "title": f"History of {row}",
        "row": row,
        "lines": [_line(request, entry) for entry in audit_entries(page.records)],
        "is_searchable": search is not None,
        "term": term,
        "too_many": too_many,
        "before": before,
        "newest": f"?{urlencode({'q': term})}" if term else request.path,
        "earlier": page.earlier and f"?{urlencode({'q': term, 'before': page.earlier.encode()})}",
    }


def _requested_place(request: HttpRequest) -> Place | None:
    return read_place(request.GET["before"]) if request.GET.get("before") else None


# Selecting records


def _sources(row: Any) -> list[QuerySet[Any]]:
    """The records about a row; for a person also the records of their own actions."""
    about = [
        history.model.history.filter(**{field: row.pk})
        for history in histories()
        for field in history.fields_about(type(row))
    ]
    if isinstance(row, User):
        about += [history.model.history.filter(history_user=row.pk) for history in histories()]
    return about


def _sources_about(row: Any, people: list[str]) -> list[QuerySet[Any]]:
    """Those records about a row that concern these people or were caused by them."""
    about_people = [
        history.model.history.filter(**{field: row.pk, f"{person}__in": people})
        for history in histories()
        for field in history.fields_about(type(row))
        for person in history.fields_about(User)
    ]
    return [*about_people, *(source.filter(history_user__in=people) for source in _sources(row))]


def _permitted(request: HttpRequest, sources: list[QuerySet[Any]]) -> list[QuerySet[Any]]:
    return [source for source in sources if _may_view(request, source.model)]


def _may_view(request: HttpRequest, model: Any) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


# Rendering


def _line(request: HttpRequest, entry: AuditEntry) -> Line:
    sentence = [Part(part) if isinstance(part, str) else _linked(request, part) for part in entry.sentence]
    actor, key = (ref and _linked(request, ref) for ref in (entry.actor, entry.key))
    return Line(entry, actor, sentence, key)


def _linked(request: HttpRequest, ref: Ref) -> Part:
    if not _may_view(request, ref.model):
        return Part(history_of(ref.model).hidden_name or ref.name)
    return Part(ref.name, admin_url(ref.model, "change", ref.pk))
