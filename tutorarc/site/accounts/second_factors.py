"""Second factors of django-allauth: its adapter, and its forms for codes with a limit."""

from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from tutorarc.domain import encryption
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.public_url import site_url
from tutorarc.http.sign_in_limit import sign_in_guesses
from tutorarc.http.throttling import GuessLimits
from tutorarc.models import User
from tutorarc.site.limited_forms import LimitedForm

CODE_LIVES_SECONDS = 90  # at most, with the tolerance for clocks that differ


class MFAAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong, or has been used."),
        "cannot_generate_recovery_codes": _("Set up a passkey or an authenticator app first."),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element of a page: the policy allows no data address."""
        return super().build_totp_svg(url).partition("?>")[2]

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(site_url(self.request)).hostname or "", "name": "TutorArc"}


class CodeForm(LimitedForm):
    """A form with a one-time code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "label_suffix": ""})
        widget = forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True})
        self.fields["code"] = forms.CharField(label=_("Code"), max_length=64, widget=widget)


class LimitedCodeForm(CodeForm):
    """Wrong codes are limited like wrong passwords."""

    user: User

    def clean_code(self) -> str:
        """Raises Throttled."""
        guesses = sign_in_guesses(context.request, self.user.email, "code")
        guesses.refuse_if_spent()
        try:
            code = super().clean_code()  # type: ignore[misc] # of django-allauth's form
        except forms.ValidationError:
            guesses.count()
            raise
        guesses.refuse_if_spent()
        self.refuse_used(code)
        return code

    def refuse_used(self, code: str) -> None:
        """Raises ValidationError for a code that was accepted before, by any process.

        django-allauth remembers used codes in the cache, which without Redis each process has for itself.
        """
        used = Limit("code-used", f"{self.user.pk} {normalize_user_code(code)}", 1, CODE_LIVES_SECONDS)
        try:
            GuessLimits([used]).take()
        except Throttled:
            raise get_adapter().validation_error("incorrect_code") from None


class AuthenticateForm(LimitedCodeForm, base.AuthenticateForm):
    pass


class ReauthenticateForm(LimitedCodeForm, base.ReauthenticateForm):
    pass


class ActivateTOTPForm(CodeForm, totp.ActivateTOTPForm):
    pass
