"""Live sessions in the admin site: scheduled and rescheduled by forms, cancelled and ended by actions; their series."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from classes.models import Class
from sessions.admission import Status
from sessions.history import LIVE_SESSION_HISTORY
from sessions.inlines import Sessions, SessionsOfPerson
from sessions.models import LiveSession
from sessions.series_admin import SeriesAdmin
from tutorarc.db.keyset import Window
from tutorarc.domain.clock import week_of
from tutorarc.models import User
from tutorarc.staff.base import AutocompleteSelectFilter, BooleanRadioFilter, RadioFilter, RecordAdmin, label
from tutorarc.staff.history_registry import register_history
from tutorarc.staff.inlines import register_inlines
from tutorarc.staff.page_links import class_link, link, person_link
from tutorarc.staff.search import NewestRows

__all__ = ["LiveSessionAdmin", "SeriesAdmin"]

NEWEST = Window(("pk",), descending=True, size=1)
OFFERED: dict[str, tuple[str, ...]] = {
    Status.SCHEDULED: ("cancel", "end"),
    Status.LIVE: ("end",),
    Status.ENDED: (),
    Status.CANCELLED: (),
}


register_history(LIVE_SESSION_HISTORY)
register_inlines(Class, Sessions)
register_inlines(User, SessionsOfPerson)


class NewSessionForm(forms.ModelForm[LiveSession]):
    class Meta:
        model = LiveSession
        fields = ("title", "start_time", "duration", "strict", "room_url", "teacher_ref", "klass")


class StartFilter(RadioFilter):
    title = "start"
    parameter_name = "when"

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("week", "This week, Monday to Sunday")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        days = {"today": (today, today), "week": week_of(today)}.get(self.value() or "")
        return queryset.starting_on(*days) if days else queryset


class StatusFilter(RadioFilter):
    title = "status"
    parameter_name = "state"

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return [*Status.choices, ("not_cancelled", "Not cancelled")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "not_cancelled":
            return queryset.not_cancelled()
        return queryset.in_status(self.value(), timezone.now()) if self.value() in Status.values else queryset


class SessionPages(NewestRows):
    def count_of(self, rows: Any, most: int) -> int:
        """Count each range by its index: a session is in one of them."""
        return min(most, sum(part.order_by()[:most].count() for part, _ in rows.parts(NEWEST)))


@admin.register(LiveSession)
class LiveSessionAdmin(RecordAdmin):
    csv_columns = (
        "id",
        "title",
        "start_time",
        "duration",
        "strict",
        "status",
        "teacher_ref",
        ("class_code", lambda session: session.klass and session.klass.class_code),
        ("created_by", lambda session: session.created_by.email),
        "created_at",
    )
    add_form = NewSessionForm
    list_display = ("title", "start_time", "duration", "strict", "state", "class_", "creator")
    list_filter = (
        StartFilter,
        StatusFilter,
        ("strict", BooleanRadioFilter),
        ("klass", AutocompleteSelectFilter),
        ("created_by", AutocompleteSelectFilter),
        ("series", AutocompleteSelectFilter),
    )
    list_select_related = ("klass", "created_by")
    search_fields = ("title", "teacher_ref", "klass__title", "created_by__email", "created_by__display_name")
    search_help_text = "Title, id, teacher id, class or creator"
    ordering = ("-id",)
    paginator = SessionPages
    autocomplete_fields = ("klass",)
    schedule_fields = ("title", "start_time", "duration", "strict", "room_url")
    only_for_editors = frozenset({"room_url"})
    details = (
        "id",
        "state",
        "teacher_ref",
        "external_id",
        "class_",
        "series_",
        "creator",
        "end_time",
        "student_link",
        "ended_at",
        "cancelled_at",
        "created_at",
        "updated_at",
    )
    fieldsets = ((None, {"fields": schedule_fields}), ("Record", {"fields": details}))
    add_fieldsets = ((None, {"fields": NewSessionForm.Meta.fields}),)
    actions = ("cancel", "end")
    asks_first = ("cancel", "end")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A session is read-only when somebody ended or cancelled it, or when its class is archived."""
        closed = obj and (obj.is_class_archived or not obj.can_be_moved)
        return super().has_change_permission(request, obj) and not closed

    def offered(self, request: HttpRequest, row: LiveSession) -> tuple[str, ...]:
        return () if row.is_class_archived else OFFERED[row.status]

    @admin.display(description="status")
    def state(self, session: LiveSession) -> SafeString:
        return label(session.status)

    @admin.display(description="class", ordering="klass__title", empty_value="–")
    def class_(self, session: LiveSession) -> SafeString | None:
        return class_link(session.klass) if session.klass else None

    @admin.display(description="series", empty_value="–")
    def series_(self, session: LiveSession) -> SafeString | None:
        return link(session.series, session.series.title) if session.series else None

    @admin.display(description="created by", ordering="created_by__display_name")
    def creator(self, session: LiveSession) -> SafeString:
        return person_link(session.created_by)

    def create(self, request: HttpRequest, values: dict[str, Any]) -> LiveSession:
        return LiveSession.objects.schedule(self.actor(request), **values)

    def edit(self, request: HttpRequest, row: LiveSession, changes: dict[str, Any]) -> LiveSession:
        return row.reschedule(self.actor(request), **changes)

    @admin.action(description="Cancel session: it can't be restored, and nobody can enter it", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[LiveSession]) -> None:
        self._apply(request, queryset, LiveSession.cancel, "cancelled")

    @admin.action(description="End session: it can't be restarted, and nobody can enter it", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[LiveSession]) -> None:
        self._apply(request, queryset, LiveSession.end, "ended")

    def _apply(self, request: HttpRequest, queryset: QuerySet[LiveSession], verb: Any, done: str) -> None:
        sessions = list(queryset.select_related("klass"))

        def changed(session: LiveSession) -> bool:
            before = session.status
            return verb(session, self.actor(request)).status != before

        self.each(request, sessions, changed, done, of=len(sessions))
