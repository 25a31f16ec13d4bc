"""The forms on the pages of a class's people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from classes.roles import ClassRole
from members.invitations.pasted import pasted
from members.models.invitation import MAX_MESSAGE_LENGTH
from members.models.invitation_queryset import MAX_GUESTS, Guest
from tutorarc.api.html_forms import ActionForm, day_field
from tutorarc.domain.text import several_lines
from tutorarc.models import User

PROBLEMS_SHOWN = 10


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


class InviteForm(forms.Form):
    """A list of people, pasted or typed."""

    people = forms.CharField(
        label=_("E-mail addresses"),
        max_length=100_000,
        strip=False,
        help_text=_("One on each line, or with commas. You can paste them from a mail program or a table, with names."),
        widget=forms.Textarea({"rows": 5, "autofocus": "", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter at least one e-mail address.")},
    )
    role = forms.ChoiceField(
        choices=[(ClassRole.STUDENT, _("Student")), (ClassRole.TEACHER, _("Co-teacher"))],
        initial=ClassRole.STUDENT,
        widget=forms.RadioSelect,
        label=_("As"),
    )
    message = forms.CharField(
        required=False,
        max_length=MAX_MESSAGE_LENGTH,
        label=_("Personal message (optional)"),
        help_text=_("The invitation quotes it."),
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="invite_%s", label_suffix="", use_required_attribute=False)
        self.guests: list[Guest] = []

    def clean_people(self) -> str:
        """Raises ValidationError with each wrong line. Others are kept in `guests`."""
        self.guests, problems = pasted(self.cleaned_data["people"])
        if not (self.guests or problems):
            raise forms.ValidationError(self.fields["people"].error_messages["required"], "required")
        if len(self.guests) > MAX_GUESTS:
            words = _("These are %(count)s people. Invite at most %(most)s at a time.")
            raise forms.ValidationError(words % {"count": len(self.guests), "most": MAX_GUESTS}, "too_many")
        if problems:
            rest = len(problems) - PROBLEMS_SHOWN
            more = [_("And %(count)s more lines.") % {"count": rest}] if rest > 0 else []
            raise forms.ValidationError([*problems[:PROBLEMS_SHOWN], *more])
        return str(self.cleaned_data["people"])

    def clean_message(self) -> str:
        return several_lines(self.cleaned_data["message"].replace("\r\n", "\n"))


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
