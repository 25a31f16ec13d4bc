"""Accounts that people make for themselves, with an address that a mailed link has shown to be theirs."""

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tutorarc.domain.email import spellings
from tutorarc.domain.password_rules import HELP_TEXT
from tutorarc.domain.text_fields import LineFormField
from tutorarc.models import User


class NewAccountForm(forms.Form):
    """Name and password. The address is known."""

    display_name = LineFormField(
        max_length=200,
        label=_("Your name"),
        help_text=_("Teachers and classmates see this name."),
        widget=forms.TextInput({"autocomplete": "name", "autocapitalize": "words"}),
        error_messages={"required": _("Enter your name.")},
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        help_text=HELP_TEXT,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )

    def __init__(self, email: str, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", use_required_attribute=False, **options)
        self.email = email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if password := values.get("password"):
            try:
                validate_password(password, User(email=self.email, display_name=values.get("display_name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values

    def save(self, role: str) -> User:
        """Raises User.EmailTaken and HashingBusy."""
        values = self.cleaned_data
        return User.objects.sign_up(
            self.email, values["password"], display_name=values["display_name"], global_role=role
        )


def account_of(email: str) -> User | None:
    """The account with this address. Only for who has opened a link that was mailed to it."""
    return User.objects.filter(email__in=spellings(email)).first()


def sign_in_new(request: HttpRequest, user: User, address: str) -> HttpResponse:
    """Sign in somebody whose account was just made, and lead to this address."""
    response: HttpResponse = perform_login(request, user, email_verification="none", redirect_url=address, signup=True)
    return response
