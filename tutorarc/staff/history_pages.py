"""History pages of the admin site, read from the events."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.http import urlencode

from tutorarc.domain.events import EventSource, object_id
from tutorarc.models import Event, User
from tutorarc.models.event import number_events
from tutorarc.staff.history_registry import histories, history_of, is_recorded
from tutorarc.staff.history_sentences import HistoryEntry, Ref, history_entries
from tutorarc.staff.history_timeline import page_of, read_place
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url

PEOPLE_SEARCHED = 50
# Columns of events by which the history of a row of these kinds is found, with events about other rows.
SCOPES = {"class": "class_id", "user": "user_id"}


class Part(NamedTuple):
    """Text with an optional link."""

    text: str
    address: str = ""


class Line(NamedTuple):
    entry: HistoryEntry
    actor: Part | None
    sentence: list[Part]
    key: Part | None


class HistoryPages:
    """ModelAdmin mixin: the history page shows events instead of Django's log entries."""

    model: Any
    opts: Any

    def render_change_form(self: Any, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Link to the history, if there is one, for users who may view it."""
        row = options.get("obj")
        context["show_history"] = bool(row and is_recorded(self.model) and _kinds(request, row))
        return super().render_change_form(request, context, *args, **options)  # type: ignore[misc]

    def history_view(self: Any, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):  # before the look-up: else it would say which ids exist
            raise PermissionDenied
        if not is_recorded(self.model):
            raise Http404
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


def timeline(request: HttpRequest, row: Any, before: int | None) -> dict[str, Any]:
    """Template context of the history page. Raises PermissionDenied if the user may view none of it."""
    search = history_of(type(row)).search_people
    term = request.GET.get("q", "").replace("\0", "").strip() if search else ""
    people = list(search(row, term)[: PEOPLE_SEARCHED + 1]) if search and term else []
    too_many = len(people) > PEOPLE_SEARCHED
    kinds = _kinds(request, row)
    if not kinds:
        raise PermissionDenied
    number_events()
    sources = _sources_about(row, people) if term else _sources(row)
    page = page_of([] if too_many else [source.filter(_of_kinds(kinds)) for source in sources], before)
    return {
        "title": f"History of {row}",
        "row": row,
        "lines": [shown_line(request, entry) for entry in history_entries(page.events)],
        "is_searchable": search is not None,
        "term": term,
        "too_many": too_many,
        "before": before,
        "newest": f"?{urlencode({'q': term})}" if term else request.path,
        "earlier": page.earlier and f"?{urlencode({'q': term, 'before': str(page.earlier)})}",
    }


def _requested_place(request: HttpRequest) -> int | None:
    return read_place(request.GET["before"]) if request.GET.get("before") else None


# Selecting events


def _sources(row: Any) -> list[QuerySet[Event]]:
    """The events about a row; for a person also those of their own actions."""
    column = SCOPES.get(row.event_source.kind)
    about = Q(**{column: row.pk}) if column else Q(object_id=object_id(row.pk, row._meta.pk))
    conditions = [about, Q(actor_user_id=row.pk)] if isinstance(row, User) else [about]
    return [Event.objects.filter(condition) for condition in conditions]


def _sources_about(row: Any, people: list[str]) -> list[QuerySet[Event]]:
    """Those events about a row that concern these people or were caused by them."""
    concerning = [Q(user_id__in=people), Q(actor_user_id__in=people)]
    return [source.filter(condition) for source in _sources(row) for condition in concerning]


def _kinds(request: HttpRequest, row: Any) -> list[str]:
    """The kinds of events in the history of a row that this user may see."""
    return [
        history.source.kind
        for history in histories()
        if request.user.has_perm(history.permission) and _can_concern(history.source, row)
    ]


def _can_concern(source: EventSource, row: Any) -> bool:
    """Whether events of this source can be in the history of the row. A person may have caused any."""
    column = SCOPES.get(row.event_source.kind, "")
    return isinstance(row, User) or source.kind == row.event_source.kind or bool(getattr(source, column, ""))


def _of_kinds(kinds: list[str]) -> Q:
    return reduce(or_, (Q(type__startswith=f"{kind}.") for kind in kinds))


def _may_view(request: HttpRequest, model: Any) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


# Rendering


def shown_line(request: HttpRequest, entry: HistoryEntry) -> Line:
    """The entry with links to what the user may view."""
    sentence = [Part(part) if isinstance(part, str) else _linked(request, part) for part in entry.sentence]
    actor, key = (ref and _linked(request, ref) for ref in (entry.actor, entry.key))
    return Line(entry, actor, sentence, key)


def text_of(parts: Sequence[Part | None]) -> str:
    return "".join(part.text for part in parts if part)


def _linked(request: HttpRequest, ref: Ref) -> Part:
    if not _may_view(request, ref.model):
        return Part(history_of(ref.model).hidden_name or ref.name)
    return Part(ref.name, admin_url(ref.model, "change", ref.pk))
