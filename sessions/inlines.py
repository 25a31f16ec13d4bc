"""Live sessions on the admin pages of a class, of a series, and of the person who created them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from sessions.models import LiveSession
from tutorarc.staff.base import label
from tutorarc.staff.inlines import RecordInline
from tutorarc.staff.page_links import class_link, link


class Sessions(RecordInline):
    model = LiveSession
    fields = ("session", "start_time", "duration", "strict", "state")
    verbose_name_plural = "live sessions"
    ordering: tuple[str, ...] = ("-pk",)

    @admin.display(description="title")
    def session(self, session: LiveSession) -> SafeString:
        return link(session, session.title)

    @admin.display(description="status")
    def state(self, session: LiveSession) -> SafeString:
        return label(session.status)


class SessionsOfPerson(Sessions):
    fk_name = "created_by"
    fields = ("session", "start_time", "duration", "class_", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveSession]:
        return super().get_queryset(request).select_related("klass")

    @admin.display(description="class", empty_value="–")
    def class_(self, session: LiveSession) -> SafeString | None:
        return class_link(session.klass) if session.klass else None


class SessionsOfSeries(Sessions):
    fields = ("session", "start_time", "duration", "state", "moved")
    ordering = ("start_time", "pk")

    @admin.display(description="moved by hand")
    def moved(self, session: LiveSession) -> str:
        return "Yes" if session.is_moved_by_hand else "No"
