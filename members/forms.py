"""The forms on the pages of a class's people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from classes.roles import ClassRole
from tutorarc.api.html_forms import ActionForm, day_field
from tutorarc.models import User

ROLES = [(ClassRole.STUDENT, _("Student")), (ClassRole.TEACHER, _("Teacher"))]


class JoinForm(ActionForm):
    button = _("Request to join")

    class_code = forms.CharField(
        max_length=40,
        label=_("Class code"),
        help_text=_("Ask your teacher for the code, such as ALGO-7P4X. Capitals and dashes don’t matter."),
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "autocapitalize": "characters"}),
    )


class CodeForm(ActionForm):
    """On the page to join: leads to the page of the code."""

    button = _("Continue")

    code = forms.CharField(
        max_length=100,
        label=_("Class code"),
        help_text=_("Your teacher has it, such as ALGO-7P4X. Capitals and dashes don’t matter."),
        widget=forms.TextInput(
            {
                "class": "code large",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class LeaveForm(ActionForm):
    button = _("Leave class")
    css_class = "danger"


class EnrolForm(ActionForm):
    """By e-mail address, which people know; the call takes an id as well."""

    button = _("Add to class")

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Of somebody from one of your classes, or who has asked to join. They are in the class at once."),
    )
    role = forms.ChoiceField(choices=ROLES, initial=ClassRole.STUDENT, widget=forms.RadioSelect, label=_("As"))


class AdminEnrolForm(EnrolForm):
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("The person needs an account. They are in the class at once.")
    )


def enrol_form(user: User) -> type[EnrolForm]:
    return AdminEnrolForm if user.is_admin else EnrolForm


class SearchForm(ActionForm):
    search = forms.CharField(
        required=False, max_length=200, label=_("Search"), widget=forms.TextInput({"type": "search"})
    )


class PastRosterForm(ActionForm):
    """For teachers of the class and administrators."""

    as_of = day_field(_("As it was at the start of"), "before")


class TransferForm(ActionForm):
    """Without a choice of `from_user_id` for class teachers, who give up their own place."""

    button = _("Hand over")
    css_class = "danger"

    from_user_id = forms.ChoiceField(label=_("In place of"))
    to_user_id = forms.ChoiceField(label=_("New teacher"))

    def __init__(self, *args: Any, user: User, klass: Class, **options: Any) -> None:
        super().__init__(*args, **options)
        teachers = klass.memberships.active_teachers().order_by("folded_name", "pk")
        people = list(teachers.values_list("user_id", "user__display_name"))
        if user.is_admin:
            self.fields["from_user_id"].choices = people  # type: ignore[attr-defined]
        else:
            del self.fields["from_user_id"]
        others = [(pk, name) for pk, name in people if user.is_admin or pk != user.pk]
        self.has_choice = len(people) > 1
        self.fields["to_user_id"].choices = others  # type: ignore[attr-defined]
