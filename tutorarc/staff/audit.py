"""The audit page: all events in the admin site, read only, for those with the permission to view them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http.response import HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone

from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import Event, SecurityEvent, SecurityEventKind
from tutorarc.models.event import number_events
from tutorarc.staff.base import RecordAdmin
from tutorarc.staff.csv_file import BOM, escape_formula
from tutorarc.staff.event_filters import EventFilterForm
from tutorarc.staff.export import CHUNK, csv_text
from tutorarc.staff.history_pages import shown_line, text_of
from tutorarc.staff.history_sentences import history_entries
from tutorarc.staff.history_timeline import Source, page_of, read_place
from tutorarc.staff.page import admin_page

MAX_EXPORTED = 100_000
COLUMNS = ("id", "time", "type", "who", "what", "changes", "class_id", "person_id", "actor_id", "key_id")


@admin.register(Event)
class EventAdmin(RecordAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        try:
            before = read_place(request.GET["before"]) if request.GET.get("before") else None
        except ValueError:
            messages.warning(request, "That page of the events doesn't exist: these are the newest ones.")
            return HttpResponseRedirect(request.path)
        return admin_page(self, request, "tutorarc/staff/audit.html", **_context(request, before))

    def change_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        raise self._no_such_page(request)

    def history_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        raise self._no_such_page(request)

    def _no_such_page(self, request: HttpRequest) -> Exception:
        """Events have no pages of their own."""
        return Http404() if self.has_view_permission(request) else PermissionDenied()

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The newest of the filtered events as CSV, up to a number. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        form = EventFilterForm(request)
        if not form.is_valid():
            return HttpResponseRedirect(f"../?{request.GET.urlencode()}")
        return StreamingHttpResponse(
            _recorded_file(request, form),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="events-{timezone.now():%Y-%m-%d}.csv"'},
        )


def _context(request: HttpRequest, before: int | None) -> dict[str, Any]:
    form = EventFilterForm(request)
    number_events()
    page = page_of(form.sources() if form.is_valid() else [], before)
    asked = request.GET.copy()
    asked.pop("before", None)
    newest = asked.urlencode()
    asked["before"] = str(page.earlier)
    return {
        "title": "Events",
        "form": form,
        "is_filtered": any(asked.get(name) for name in form.fields),
        "lines": [shown_line(request, entry) for entry in history_entries(page.events)],
        "before": before,
        "query": newest,
        "earlier": page.earlier and asked.urlencode(),
        "max_exported": MAX_EXPORTED,
    }


def _recorded_file(request: HttpRequest, form: EventFilterForm) -> Iterator[str]:
    """The file, and a security event once it is sent, whole or up to where it was cut or the client went away."""
    sent, complete = 0, False
    number_events()
    try:
        yield BOM + csv_text([COLUMNS])
        for events in _chunks(form.sources()):
            yield csv_text(_rows(request, events))
            sent += len(events)
        complete = sent < MAX_EXPORTED
    finally:
        by = Actor(signed_in_user(request))
        SecurityEvent.objects.record(SecurityEventKind.EXPORT, by=by, records="events", rows=sent, complete=complete)


def _chunks(sources: Sequence[Source]) -> Iterator[list[Event]]:
    return islice(_pages(sources), MAX_EXPORTED // CHUNK)


def _pages(sources: Sequence[Source]) -> Iterator[list[Event]]:
    page = page_of(sources, None, CHUNK)
    yield page.events
    while page.earlier:
        page = page_of(sources, page.earlier, CHUNK)
        yield page.events


def _rows(request: HttpRequest, events: Sequence[Event]) -> Iterator[list[str]]:
    """With the names that the page shows to the same reader."""
    for event, entry in zip(events, history_entries(events), strict=True):
        line = shown_line(request, entry)
        changes = "; ".join(f"{one.field}: {one.before} → {one.after}" for one in entry.changes)
        yield [
            event.pk,
            datetime_text(event.created_at.replace(microsecond=0)),
            event.type,
            *(escape_formula(text) for text in (text_of([line.actor]), text_of(line.sentence), changes)),
            *(str(key or "") for key in (event.class_id, event.user_id, event.actor_user_id, event.actor_key_id)),
        ]
