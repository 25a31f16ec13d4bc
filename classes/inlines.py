"""What a class holds, on its page in the admin site: a page at a time, to look at and to follow."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from members.models import Membership
from members.roles import MembershipStatus
from sessions.models import LiveSession
from tutorarc.adminbase import RecordInline, label, link


class _People(RecordInline):
    model = Membership
    fields: tuple[str, ...] = ("person", "email", "role", "state", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user").order_by("pk")

    @admin.display(description="membership")
    def person(self, member: Membership) -> SafeString:
        return link(member, member.user.display_name)

    @admin.display(description="e-mail address")
    def email(self, member: Membership) -> SafeString:
        return link(member.user, member.user.email)

    @admin.display(description="status")
    def state(self, member: Membership) -> SafeString:
        return label(member.status)


class PeopleWaiting(_People):
    fields = ("person", "email")
    verbose_name, verbose_name_plural = "person waiting", "waiting"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(status=MembershipStatus.PENDING)


class Members(_People):
    verbose_name_plural = "members"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).exclude(status=MembershipStatus.PENDING)


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
