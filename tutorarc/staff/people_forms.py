"""Forms of people in the admin site."""

from typing import Any

from django import forms
from django.utils.safestring import mark_safe

from tutorarc.domain.events import Actor
from tutorarc.domain.password_rules import HELP_TEXT
from tutorarc.domain.text_fields import EmailAddressFormField, StoredEmailAddressFormField
from tutorarc.models import User
from tutorarc.staff.base import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

GIVEN_BY_SUPERUSERS = ("is_staff", "is_superuser", "groups")


class NewUserForm(UserCreationForm):
    usable_password = forms.ChoiceField(
        label="Sign-in",
        required=False,
        initial="true",
        choices={"true": "With the password below", "false": "Without a password for now"},
    )

    class Meta:
        model = User
        fields = ("email", "display_name", "global_role", "external_id")
        field_classes = {"email": EmailAddressFormField}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _explain_passwords(self)


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "display_name", "global_role", "external_id", "time_zone", "is_active", *GIVEN_BY_SUPERUSERS)
        field_classes = {"email": StoredEmailAddressFormField}
        labels = {"time_zone": "Time zone"}
        help_texts = {
            "is_superuser": "Has every right there.",
            "is_active": "Without it they are signed out at once, and their keys are refused. Once active again they "
            "sign in anew, and their keys work again unless revoked.",
            "groups": "Each gives its rights there, but only to those who are staff.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "email" in self.fields:
            self.fields["email"].stored = self.instance.email
        if "password" in self.fields:
            self.fields["password"].help_text = mark_safe(
                'Nobody can read it. You can <a class="text-link underline" href="../password/">set another</a>.'
            )


def _explain_passwords(form: Any) -> None:
    """Replace Django's help texts, which address the owner of the password."""
    form.fields["password1"].help_text = HELP_TEXT
    form.fields["password2"].label, form.fields["password2"].help_text = "Password again", ""


class PasswordForm(AdminPasswordChangeForm):
    def __init__(self, *args: Any, by: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by
        _explain_passwords(self)

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        self.user.change_password(self.by, password)
        return self.user
