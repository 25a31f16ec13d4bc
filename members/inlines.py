"""Memberships on the admin pages of a class and of a person."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from classes.roles import MembershipStatus
from members.models import Membership
from members.remedies import hand_over_link
from tutorarc.staff.base import label, widgets
from tutorarc.staff.inlines import RecordInline
from tutorarc.staff.page_links import class_link, link


class _People(RecordInline):
    model = Membership
    fields: tuple[str, ...] = ("person", "email", "role", "state", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
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


class PendingRequests(_People):
    """Pending requests, with checkboxes and buttons. Their form is sent to the list of memberships."""

    verbose_name, verbose_name_plural = "pending request", "pending requests"
    template_after = "admin/members/membership/answers.html"
    form_template = "admin/members/membership/answers_form.html"
    may_answer = False  # an inline is created for each request

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        memberships = self.admin_site.get_model_admin(Membership)
        self.may_answer = memberships.has_change_permission(request) and not (obj and obj.is_archived)
        return ("tick", "person", "email") if self.may_answer else ("person", "email")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).filter(status=MembershipStatus.PENDING)

    @admin.display(description="tick")
    def tick(self, member: Membership) -> SafeString:
        return format_html(
            '<input type="checkbox" form="answers" name="_selected_action" value="{}" aria-label="{}" class="{}">',
            member.pk,
            member.user.display_name,
            " ".join(widgets.CHECKBOX_CLASSES),
        )


class Members(_People):
    verbose_name, verbose_name_plural = "member", "members"
    fields = ("person", "email", "role", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).filter(status=MembershipStatus.APPROVED)


class FormerMembers(_People):
    verbose_name, verbose_name_plural = "rejected or removed person", "rejected and removed"
    nothing = "No rejected or removed people."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        former = (MembershipStatus.REJECTED, MembershipStatus.REMOVED)
        return super().get_queryset(request).filter(status__in=former)


class ClassesOfPerson(RecordInline):
    """The memberships of a person, newest first."""

    model = Membership
    fk_name = "user"
    verbose_name, verbose_name_plural = "membership", "memberships"
    fields = ("class_", "role", "state", "joined_at", "membership")
    ordering = ("-pk",)
    template_after = "admin/members/membership/hand_over_link.html"
    hand_over: SafeString | None = None  # an inline is created for each request

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        self.hand_over = None if obj is None or obj.is_student else hand_over_link(request, obj)
        return self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("klass")

    @admin.display(description="class")
    def class_(self, member: Membership) -> SafeString:
        return class_link(member.klass)

    @admin.display(description="status")
    def state(self, member: Membership) -> SafeString:
        return label(member.status)

    @admin.display
    def membership(self, member: Membership) -> SafeString:
        return link(member, "Membership")
