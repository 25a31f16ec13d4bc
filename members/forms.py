"""The forms on the pages of a class's people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from classes.roles import ClassRole, MembershipStatus
from tutorarc.api.html_forms import ActionForm, day_field
from tutorarc.models import User

ROLES = [(ClassRole.STUDENT, "Student"), (ClassRole.TEACHER, "Teacher")]


class JoinForm(ActionForm):
    button = "Request to join"

    class_code = forms.CharField(
        max_length=40,
        label="Class code",
        help_text="Ask your teacher for the code, such as ALGO-7P4X. Capitals and dashes don’t matter.",
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
    button = "Leave class"
    css_class = "danger"


class EnrolForm(ActionForm):
    """By e-mail address, which people know; the call takes an id as well."""

    button = "Add to class"

    email = forms.EmailField(
        label="E-mail address",
        help_text="Somebody who is or was in one of your classes. They join at once. Others ask to join with the code.",
    )
    role = forms.ChoiceField(choices=ROLES, initial=ClassRole.STUDENT, widget=forms.RadioSelect, label="As")


class AdminEnrolForm(EnrolForm):
    email = forms.EmailField(
        label="E-mail address", help_text="The person needs an account. They join the class at once."
    )


def enrol_form(user: User) -> type[EnrolForm]:
    return AdminEnrolForm if user.is_admin else EnrolForm


class RoleForm(ActionForm):
    method = "PATCH"

    role = forms.ChoiceField(choices=ROLES, widget=forms.HiddenInput)

    css_class = "second small"


class MemberFilterForm(ActionForm):
    search = forms.CharField(required=False, max_length=200, label="Search", widget=forms.TextInput({"type": "search"}))
    status = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Everyone"),
            (MembershipStatus.PENDING, "Pending"),
            (MembershipStatus.APPROVED, "In the class"),
            (MembershipStatus.REJECTED, "Rejected"),
            (MembershipStatus.REMOVED, "Removed"),
        ],
    )
    role = forms.ChoiceField(required=False, choices=[("", "Any"), *ROLES])
    ordering = forms.ChoiceField(
        required=False, label="Order", choices=[("", "Oldest first"), ("name", "Name, A to Z")]
    )


class PastMemberFilterForm(MemberFilterForm):
    """For teachers of the class and administrators."""

    as_of = day_field("As it was at the start of", "before")
