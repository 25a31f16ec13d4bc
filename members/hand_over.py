"""Handing classes over to another teacher in the admin site: from the list of classes, a class, or a person's page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from classes.models import Class
from classes.roles import ClassRole
from members.models import Membership
from members.staff_rules import refuse_place
from members.transfers import NotATeacher, SeveralTeachers, transfer
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff.actions import OPTIONS, ROWS_NAMED
from tutorarc.staff.base import Autocomplete
from tutorarc.staff.bulk_changes import BulkAction, Options, OptionsForm, register_bulk_action
from tutorarc.staff.forms import may_be_key
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import admin_url

ACTION = "hand_over"
PERMISSIONS = ("classes.view_class", "members.add_membership", "members.change_membership")
NOBODY_TO_REPLACE = "There is no such teacher to replace in this class. Look at its members."
WHOSE_PLACE = "This class has several teachers. Choose whose place is taken."


class NewTeacherForm(OptionsForm):
    to = forms.ModelChoiceField(
        User.objects.filter(is_active=True).exclude(global_role=User.GlobalRole.STUDENT),
        label="New teacher",
        widget=Autocomplete(Class._meta.get_field("created_by"), admin.site),
        help_text="An active person whose global role is Teacher or Admin. They are added to the class if needed.",
        error_messages={"invalid_choice": "Choose an active person whose global role is Teacher or Admin."},
    )

    def options(self) -> Options:
        return {"to": self.cleaned_data["to"].pk}


class HandOverForm(NewTeacherForm):
    giver = forms.ModelChoiceField(
        User.objects.all(),
        required=False,
        label="In place of",
        widget=Autocomplete(Membership._meta.get_field("user"), admin.site),
        help_text="They are removed from the class. Leave empty where a class has one teacher.",
    )
    field_order = ("giver", "to")

    def options(self) -> Options:
        giver = self.cleaned_data["giver"]
        return {**super().options(), "from": giver.pk if giver else ""}


def hand_over(klass: Class, by: Actor, options: Options) -> bool:
    """Returns whether the teachers changed. Raises what `transfer` and `refuse_place` raise."""
    before = _teachers(klass)
    if receiver := User.objects.filter(pk=options["to"]).first():
        refuse_place(receiver, ClassRole.TEACHER, by)
    try:
        transfer(klass, options["to"], by, from_user_id=options.get("from", ""), may_enrol=True)
    except NotATeacher:
        raise NotATeacher(NOBODY_TO_REPLACE) from None
    except SeveralTeachers:
        raise SeveralTeachers(WHOSE_PLACE) from None
    return _teachers(klass) != before


def _teachers(klass: Class) -> set[str]:
    return set(klass.memberships.teachers().values_list("user_id", flat=True))


register_bulk_action(
    ACTION,
    BulkAction(
        model=Class,
        done="handed over",
        change=hand_over,
        permissions=PERMISSIONS,
        at_once=50,  # each takes a tenth of a second
        form=HandOverForm,
        label="Hand over to another teacher: the old one is removed, and the coming live sessions follow",
        offered=lambda klass: not klass.is_archived,
        gives_rights=True,
    ),
)


class HandOverPage:
    """Mixin of the admin page of memberships: the page to hand over all classes of a person."""

    def get_urls(self: Any) -> list[Any]:
        page = self.admin_site.admin_view(self.hand_over_view)
        return [
            path("hand-over/<str:user_id>/", page, name="members_membership_hand_over"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def hand_over_view(self: Any, request: HttpRequest, user_id: str) -> HttpResponse:
        if not request.user.has_perms(PERMISSIONS):
            raise PermissionDenied
        person = User.objects.filter(pk=user_id).first() if may_be_key(User, user_id) else None
        if person is None:
            raise Http404
        classes, form = classes_taught_by(person), NewTeacherForm(request.POST or None, prefix=OPTIONS)
        if request.method == "POST" and form.is_valid():
            return self.hand_over_all(request, person, classes, {**form.options(), "from": person.pk})
        context = {
            "title": f"Hand over the classes of {person.display_name}?",
            "person": person,
            "form": form,
            "count": classes.count(),
            "named": classes[:ROWS_NAMED],
        }
        return admin_page(self, request, "admin/members/hand_over.html", **context)

    def hand_over_all(
        self: Any, request: HttpRequest, person: User, classes: QuerySet[Class], options: Options
    ) -> HttpResponse:
        page: Any = self.admin_site.get_model_admin(Class)
        if classes.count() > page.most_at_once(ACTION):
            response: HttpResponse = page.begin_in_background(request, classes, ACTION, options)
            return response
        page.change_selected(request, classes, ACTION, options)
        return redirect(admin_url(User, "change", person.pk))


def classes_taught_by(person: User) -> QuerySet[Class]:
    """The active classes of which the person is a teacher, oldest first."""
    taught = Membership.objects.teachers().filter(user=person)
    return Class.objects.filter(status=Class.Status.ACTIVE, pk__in=taught.values("klass")).order_by("pk")
