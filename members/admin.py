"""Memberships in the admin site: added by enrolment and changed by actions."""

from collections import defaultdict
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.hand_over import HandOverPage
from members.history import INVITATION_HISTORY, MEMBERSHIP_HISTORY
from members.inlines import ClassesOfPerson, FormerMembers, Members, PendingRequests
from members.models import Membership
from members.roster_import import MEMBERS
from members.staff_filters import WaitingForAWeek
from members.staff_rules import refuse_place
from members.staff_verbs import Group, Verb, change_role, move, remove_all, with_staff_rules
from tutorarc.http.confirmation import require_confirmation
from tutorarc.imports import arrange
from tutorarc.imports.kinds import register_planner
from tutorarc.imports.upload_page import FileImport
from tutorarc.models import User
from tutorarc.staff.base import AutocompleteSelectFilter, ChoicesRadioFilter, RecordAdmin, label
from tutorarc.staff.event_filters import EventFilter, register_event_filter
from tutorarc.staff.forms import may_be_key
from tutorarc.staff.history_registry import register_history
from tutorarc.staff.inlines import register_inlines
from tutorarc.staff.page_links import class_link, person_link, two_lines

OFFERED: dict[str, tuple[str, ...]] = {
    MembershipStatus.PENDING: ("approve", "reject"),
    MembershipStatus.APPROVED: ("remove",),
    MembershipStatus.REJECTED: ("reopen",),
    MembershipStatus.REMOVED: ("reopen",),
}
ROLE_OFFERED: dict[str, tuple[str, ...]] = {ClassRole.STUDENT: ("make_teacher",), ClassRole.TEACHER: ("make_student",)}


register_history(MEMBERSHIP_HISTORY)
register_history(INVITATION_HISTORY)
register_event_filter("class", EventFilter("Class", "class_id", Membership._meta.get_field("klass")))
register_planner(arrange.MEMBERS, MEMBERS)
register_inlines(Class, PendingRequests, Members, FormerMembers)
register_inlines(User, ClassesOfPerson)


class EnrolmentForm(forms.ModelForm[Membership]):
    class Meta:
        model = Membership
        fields = ("klass", "user", "role")
        error_messages = {NON_FIELD_ERRORS: {"unique_together": Membership.AlreadyOnRecord.message}}


@admin.register(Membership)
class MembershipAdmin(HandOverPage, FileImport, RecordAdmin):
    csv_columns = (  # the roster columns, so that the file can be imported again
        ("class_code", lambda member: member.klass.class_code),
        ("class_title", lambda member: member.klass.title),
        ("email", lambda member: member.user.email),
        ("display_name", lambda member: member.user.display_name),
        "role",
        "status",
        "joined_at",
    )
    import_kind = "rosters"
    add_form = EnrolmentForm
    list_display = ("who", "class_", "role", "state", "joined_at", "id")
    list_filter = (
        ("status", ChoicesRadioFilter),
        ("role", ChoicesRadioFilter),
        ("klass", AutocompleteSelectFilter),
        ("user", AutocompleteSelectFilter),
        WaitingForAWeek,
    )
    saved_filters = (("Requests older than a week", "waiting=yes"),)
    further_lookups = frozenset({"klass__status__exact"})
    search_fields = ("user__email", "user__display_name", "klass__title", "klass__class_code")
    search_help_text = "Person, class or class code"
    ordering = ("-id",)
    unique_values = (("klass", "user"),)
    empty_value_display = mark_safe('<span class="never">–</span>')
    autocomplete_fields = ("klass", "user")
    details = ("person", "class_", "role", "state", "joined_at")
    fieldsets = ((None, {"fields": details}),)
    add_fieldsets = ((None, {"fields": ("klass", "user", "role")}),)
    actions = ("approve", "reject", "remove", "reopen", "make_teacher", "make_student")
    asks_first = ("remove",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Memberships are changed by actions, never on their own page."""
        return obj is None and super().has_change_permission(request)

    def offered(self, request: HttpRequest, row: Membership) -> tuple[str, ...]:
        if row.klass.is_archived:
            return ()
        return OFFERED[row.status] + (ROLE_OFFERED[row.role] if row.status == MembershipStatus.APPROVED else ())

    @admin.display(description="status", ordering="status")
    def state(self, member: Membership) -> SafeString:
        return label(member.status)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("klass", "user")

    @admin.display(description="person", ordering="user__display_name")
    def who(self, member: Membership) -> SafeString:
        """The person, as a link to the membership."""
        return two_lines(member.user.display_name, member.user.email)

    @admin.display(ordering="user__display_name")
    def person(self, member: Membership) -> SafeString:
        return person_link(member.user)

    @admin.display(description="class", ordering="klass__title")
    def class_(self, member: Membership) -> SafeString:
        return class_link(member.klass)

    def create(self, request: HttpRequest, values: dict[str, Any]) -> Membership:
        """Raises ReauthenticationRequired, and what `refuse_place` and `enrol` raise."""
        require_confirmation(request)
        refuse_place(values["user"], values["role"], self.actor(request))
        return Membership.objects.enrol(values["klass"], values["user"], values["role"], self.actor(request))

    def page_to_go_back_to(self, request: HttpRequest, selected: list[str]) -> HttpResponseRedirect | None:
        klass = request.POST.get("back")
        if may_be_key(Class, klass):
            return redirect(reverse("admin:classes_class_change", args=[klass]) + "#memberships")
        return super().page_to_go_back_to(request, selected)

    @admin.action(description="Approve join requests", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """Raises ReauthenticationRequired where one of them becomes a teacher."""
        if queryset.filter(role=ClassRole.TEACHER).exists():
            require_confirmation(request)
        self._by_class(request, queryset, with_staff_rules(partial(move, Membership.objects.approve)), "approved")

    @admin.action(description="Reject join requests", permissions=["change"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._by_class(request, queryset, partial(move, Membership.objects.reject), "rejected")

    @admin.action(
        description="Remove from the class: they lose access until they are approved again",
        permissions=["change"],
    )
    def remove(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._by_class(request, queryset, remove_all, "removed")

    @admin.action(description="Reopen: rejected or removed people become pending", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._by_class(request, queryset, with_staff_rules(partial(move, Membership.objects.reopen)), "reopened")

    @admin.action(description="Make teacher of the class", permissions=["change"])
    def make_teacher(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """Raises ReauthenticationRequired."""
        require_confirmation(request)
        make_teacher = with_staff_rules(partial(change_role, ClassRole.TEACHER), ClassRole.TEACHER)
        self._by_class(request, queryset, make_teacher, "changed to teacher")

    @admin.action(description="Make student of the class", permissions=["change"])
    def make_student(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._by_class(request, queryset, partial(change_role, ClassRole.STUDENT), "changed to student")

    def _by_class(self, request: HttpRequest, queryset: QuerySet[Membership], verb: Verb, done: str) -> None:
        members = list(queryset.select_related("klass", "user"))
        by_class: dict[Class, list[Membership]] = defaultdict(list)
        for member in members:
            by_class[member.klass].append(member)
        groups = [Group(klass, selected) for klass, selected in by_class.items()]
        self.each(request, groups, lambda group: verb(group, self.actor(request)), done, of=len(members))
