"""The live sessions of a class, on its page in the admin site."""

from django.contrib import admin
from django.utils.safestring import SafeString

from sessions.models import LiveSession
from tutorarc.staff.base import label
from tutorarc.staff.inlines import RecordInline
from tutorarc.staff.links import link


class Sessions(RecordInline):
    model = LiveSession
    fields = ("session", "start_time", "duration", "strict", "state")
    verbose_name_plural = "live sessions"
    ordering = ("-pk",)

    @admin.display(description="title")
    def session(self, session: LiveSession) -> SafeString:
        return link(session, session.title)

    @admin.display(description="status")
    def state(self, session: LiveSession) -> SafeString:
        return label(session.status)
