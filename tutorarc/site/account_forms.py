"""Forms for sign-in, profile and passwords."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from tutorarc.domain.email import canonical, spellings
from tutorarc.domain.history import Actor
from tutorarc.domain.password_rules import HELP_TEXT
from tutorarc.domain.text_fields import LineFormField
from tutorarc.http.public_url import link_for_others
from tutorarc.models import User

MAIL_PAUSE_SECONDS = 5 * 60
# Mail is sent in the background, so that the response time doesn't reveal whether an address is known.
MAILER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
log = logging.getLogger("tutorarc.forms")


class SignInForm(AuthenticationForm):
    """Sign-in by e-mail address, ignoring case."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or password is wrong. Passwords are case-sensitive.",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, label_suffix="", **options)
        self.fields["username"].widget.input_type = "email"
        self.fields["username"].label = "E-mail address"


class NameForm(forms.Form):
    display_name = LineFormField(
        max_length=200,
        label="Display name",
        help_text="Teachers and classmates see this name.",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"display_name": user.display_name})
        self.user = user

    def save(self) -> User:
        return self.user.edit(Actor(self.user), display_name=self.cleaned_data["display_name"])


class NewPasswordForm(auth_forms.SetPasswordForm):  # type: ignore[type-arg] # not generic at run time
    error_messages = {
        **auth_forms.SetPasswordForm.error_messages,
        "password_mismatch": "The two passwords are not the same.",
    }

    def __init__(self, user: Any, *args: Any, **options: Any) -> None:
        super().__init__(user, *args, label_suffix="", **options)
        self.fields["new_password1"].help_text = HELP_TEXT
        self.fields["new_password2"].label = "Confirm new password"
        self.fields["new_password2"].help_text = ""

    def save(self, commit: bool = True) -> User:
        self.user.change_password(Actor(self.user), self.cleaned_data["new_password1"])
        return self.user


class LinkPasswordForm(NewPasswordForm):
    """Form to set a password from a one-time link."""

    def __init__(self, user: Any, *args: Any, token: str, **options: Any) -> None:
        super().__init__(user, *args, **options)
        self.token = token

    def save(self, commit: bool = True) -> User:
        """Raises User.LinkSpent."""
        return self.user.set_password_by_link(self.token, self.cleaned_data["new_password1"])


class ChangePasswordForm(auth_forms.PasswordChangeForm, NewPasswordForm):
    error_messages = {
        **NewPasswordForm.error_messages,
        "password_incorrect": "This is not your current password.",
    }

    def __init__(self, user: Any, *args: Any, request: Any, **options: Any) -> None:
        super().__init__(user, *args, **options)
        self.request = request
        self.fields["old_password"].label = "Current password"
        del self.fields["old_password"].widget.attrs["autofocus"]

    def clean_old_password(self) -> str:
        """Check the current password, counted as a sign-in attempt. Raises Throttled."""
        password = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.email, password=password) != self.user:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class ForgottenForm(auth_forms.PasswordResetForm):
    """Password reset form. Same response for every address; at most one mail per address in five minutes."""

    email = forms.CharField(label="E-mail address", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "label_suffix": ""})

    def clean_email(self) -> str:
        """As it was typed: see `spellings`."""
        canonical(self.cleaned_data["email"])
        return self.cleaned_data["email"]

    def get_users(self, email: str) -> Iterable[User]:
        """Look up by the indexed address: Django's case-insensitive look-up would scan all users."""
        people = User.objects.filter(email__in=spellings(email), is_active=True)
        return [
            user for user in people if user.has_usable_password() and user.may_get_password_mail and _may_get_mail(user)
        ]

    def save(self, **options: Any) -> None:  # type: ignore[override]
        site = link_for_others(options["request"])
        context = {**options.pop("extra_email_context"), "site": site, "domain": urlsplit(site).netloc}
        super().save(extra_email_context=context, **options)

    def send_mail(self, subject_template_name: str, email_template_name: str, *args: Any, **options: Any) -> None:
        context, sender, to = args
        MAILER.submit(copy_context().run, _send, subject_template_name, email_template_name, context, sender, to)


def _send(subject_template: str, body_template: str, context: dict[str, Any], sender: str | None, to: str) -> None:
    try:
        subject = render_to_string(subject_template, context).strip()
        EmailMessage(subject, render_to_string(body_template, context), sender, [to]).send()
    except Exception:
        log.exception("A password reset mail could not be sent.")


def _may_get_mail(user: User) -> bool:
    return cache.add(f"password-mail:{user.pk}", True, timeout=MAIL_PAUSE_SECONDS)
