"""Forms for sign-in, profile and passwords."""

from typing import Any

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext_lazy as _

from tutorarc.domain import time_zones
from tutorarc.domain.email import spellings
from tutorarc.domain.events import Actor
from tutorarc.domain.password_rules import HELP_TEXT
from tutorarc.domain.text_fields import LineFormField
from tutorarc.http.public_url import link_for_others
from tutorarc.http.sign_in_limit import may_be_mailed
from tutorarc.mail.password_mail import queue_password_mails
from tutorarc.models import SecurityEventKind, User
from tutorarc.models.sign_in_events import record_attempt
from tutorarc.site.limited_forms import LimitedForm


class SignInForm(LimitedForm, allauth.LoginForm):
    """Sign-in by e-mail address, ignoring case. The address may be any spelling of the stored one."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "label_suffix": ""})
        widget = forms.EmailInput({"autocomplete": "username", "autocapitalize": "none", "autofocus": True})
        self.fields["login"] = forms.CharField(label=_("E-mail address"), max_length=254, widget=widget)
        password = forms.PasswordInput({"autocomplete": "current-password"})
        self.fields["password"] = forms.CharField(label=_("Password"), strip=False, widget=password)

    def add_prefix(self, field_name: str) -> str:
        """The name of a field on the page. Password managers know the address as `username`."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class ProfileForm(forms.Form):
    display_name = LineFormField(
        max_length=200,
        label=_("Display name"),
        help_text=_("Teachers and classmates see this name."),
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )

    time_zone = forms.ChoiceField(
        required=False,
        label=_("Time zone"),
        help_text=_("For the times on pages and in e-mails."),
        error_messages={"invalid_choice": _("Choose a time zone from the list.")},
    )

    def __init__(self, user: User, data: Any = None, *, zone_of_browser: str = "") -> None:
        initial = {"display_name": user.display_name, "time_zone": user.time_zone or zone_of_browser}
        super().__init__(data, label_suffix="", initial=initial)
        self.fields["time_zone"].choices = time_zones.choices(_("As in this browser"))  # type: ignore[attr-defined]
        self.user = user

    def save(self) -> User:
        """A field that was not sent stays as it is."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        return self.user.edit(Actor(self.user), **sent)


class NewPasswordForm(auth_forms.SetPasswordForm):  # type: ignore[type-arg] # not generic at run time
    error_messages = {
        **auth_forms.SetPasswordForm.error_messages,
        "password_mismatch": _("The two passwords are not the same."),
    }

    def __init__(self, user: Any, *args: Any, **options: Any) -> None:
        super().__init__(user, *args, label_suffix="", **options)
        self.fields["new_password1"].help_text = HELP_TEXT
        self.fields["new_password2"].label = _("Confirm new password")
        self.fields["new_password2"].help_text = ""

    def save(self, commit: bool = True) -> User:
        self.user.change_password(Actor(self.user), self.cleaned_data["new_password1"])
        return self.user


class LinkForm(allauth.UserTokenForm):
    """Validates the user and the token of a one-time link to set a password."""

    def _get_user(self, uidb36: str | None) -> User | None:
        """The active user, whose id is in Base64, as in Django's own links."""
        try:
            return User.objects.get(pk=urlsafe_base64_decode(uidb36 or "").decode(), is_active=True)
        except (ValueError, ValidationError, User.DoesNotExist):
            return None


class LinkPasswordForm(NewPasswordForm):
    """Form to set a password from a one-time link."""

    def __init__(self, user: Any, *args: Any, temp_key: str, **options: Any) -> None:
        super().__init__(user, *args, **options)
        self.token = temp_key

    def save(self, commit: bool = True) -> User:
        """Raises User.LinkSpent."""
        return self.user.set_password_by_link(self.token, self.cleaned_data["new_password1"])


class ChangePasswordForm(LimitedForm, auth_forms.PasswordChangeForm, NewPasswordForm):
    error_messages = {
        **NewPasswordForm.error_messages,
        "password_incorrect": _("This is not your current password."),
    }

    def __init__(self, user: Any, *args: Any, **options: Any) -> None:
        super().__init__(user, *args, **options)
        self.fields["old_password"].label = _("Current password")
        del self.fields["old_password"].widget.attrs["autofocus"]

    def clean_old_password(self) -> str:
        """Check the current password, counted as a sign-in attempt. Raises Throttled."""
        password = self.cleaned_data["old_password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class ReauthenticateForm(LimitedForm, allauth.ReauthenticateForm):
    """The password of somebody who is signed in, asked for again."""


class ForgottenForm(LimitedForm):
    """Password reset form. Same response for every address; at most three mails per address in 15 minutes."""

    may_be_mailed = False

    email = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "label_suffix": ""})

    def clean_email(self) -> str:
        """As it was typed: see `spellings`. An address from before they had a canonical form has none."""
        typed: str = self.cleaned_data["email"]
        if not any("@" in spelling for spelling in spellings(typed)):
            raise forms.ValidationError(validate_email.message, validate_email.code)
        self.may_be_mailed = may_be_mailed(context.request, typed)
        return typed

    def save(self, request: HttpRequest) -> None:
        """Look up by the indexed address, and queue the mail: known and unknown take the same statements."""
        record_attempt(SecurityEventKind.PASSWORD_LINK_REQUESTED, self.cleaned_data["email"])
        people = User.objects.filter(email__in=spellings(self.cleaned_data["email"]))
        mailed = [user for user in people if user.may_get_password_mail] if self.may_be_mailed else []
        queue_password_mails(mailed, link_for_others(request))
