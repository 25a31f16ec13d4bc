"""HTML forms of users."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tutorarc.api.html_forms import ActionForm, CheckboxWithHiddenFalse, PatchForm
from tutorarc.domain.text_fields import LONGEST_EXTERNAL_ID
from tutorarc.models import User
from tutorarc.models.user_events import ACTIVE, DEACTIVATED

STATUSES = [(ACTIVE, _("Active")), (DEACTIVATED, _("Deactivated"))]


class UserForm(ActionForm):
    """Fields shared by the forms to create and to edit a user."""

    display_name = forms.CharField(label=_("Name"), max_length=200)
    global_role = forms.ChoiceField(label=_("Role"), choices=User.GlobalRole.choices)
    external_id = forms.CharField(
        label=_("External id"),
        required=False,
        max_length=LONGEST_EXTERNAL_ID,
        help_text=_("Optional: their id in another system, such as the school’s."),
    )


class NewUserForm(UserForm):
    button = _("Add person")
    email = forms.EmailField(label=_("E-mail address"))
    invite = forms.BooleanField(
        label=_("Send an e-mail with a link to choose a password"), required=False, widget=CheckboxWithHiddenFalse
    )
    field_order = ["email", "display_name", "global_role", "external_id", "invite"]


class UserChangesForm(PatchForm, UserForm):
    button = _("Save")
    status = forms.ChoiceField(
        label=_("Status"),
        choices=STATUSES,
        help_text=_("Somebody who is deactivated can’t sign in. What they did and where they belong stays."),
    )


class UserFilterForm(ActionForm):
    search = forms.CharField(
        required=False, max_length=200, label=_("Name or e-mail"), widget=forms.TextInput({"type": "search"})
    )
    global_role = forms.ChoiceField(required=False, label=_("Role"), choices=[("", _("All")), *User.GlobalRole.choices])
    status = forms.ChoiceField(required=False, label=_("Status"), choices=[("", _("All")), *STATUSES])
