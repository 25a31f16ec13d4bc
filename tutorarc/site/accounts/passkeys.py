"""Passkeys: django-allauth's forms, which refuse all input that isn't a passkey's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from tutorarc.domain.text_fields import LineFormField

MAX_CREDENTIAL_LENGTH = 16_000
MAX_NAME_LENGTH = 100
TEXTS_OF_A_CREDENTIAL = ("id", "rawId", "type")
TEXTS_OF_ITS_RESPONSE = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
REFUSED = _("This passkey didn’t work. Try again.")


class CredentialField(forms.Field):
    """What a browser answers for a passkey. Only the parts that are needed are kept, because they are stored."""

    widget = forms.HiddenInput
    default_error_messages = {"required": _("Your browser sent no passkey. Try again.")}

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        with unreadable_is_refused():
            return _credential(value)

    def bound_data(self, data: Any, initial: Any) -> str:
        """What a form shows again: nothing."""
        return ""


def _credential(text: str) -> dict[str, Any]:
    """May raise any error for a text that is no credential."""
    if len(text) > MAX_CREDENTIAL_LENGTH:
        raise ValueError("too long")
    sent = json.loads(text)
    response = {name: _ascii(value) for name in TEXTS_OF_ITS_RESPONSE if (value := sent["response"].get(name))}
    results = sent.get("clientExtensionResults", {}).get("credProps", {})
    known = {"credProps": {"rk": results["rk"] is True}} if "rk" in results else {}
    return {
        **{name: _ascii(sent[name]) for name in TEXTS_OF_A_CREDENTIAL},
        "response": response,
        "clientExtensionResults": known,
    }


def _ascii(value: Any) -> str:
    """Base64 text, or another text without NUL. Raises TypeError and ValueError."""
    if not isinstance(value, str):
        raise TypeError(value)
    if not value.isascii() or not value.isprintable():
        raise ValueError(value)
    return value


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, label_suffix="")
        self.fields["name"] = LineFormField(
            label=_("Name"), required=False, max_length=MAX_NAME_LENGTH, help_text=_("Such as “Phone” or “Office key”.")
        )
        self.fields["credential"] = CredentialField()
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, Any]:
        with unreadable_is_refused():
            return super().clean()


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, label_suffix="")
        self.fields["name"] = LineFormField(label=_("Name"), max_length=MAX_NAME_LENGTH)


class StrictCredential(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["credential"] = CredentialField()

    def clean_credential(self) -> Any:
        with unreadable_is_refused():
            return super().clean_credential()  # type: ignore[misc] # of django-allauth's form


class AuthenticatePasskeyForm(StrictCredential, webauthn.AuthenticateWebAuthnForm):
    pass


class SignInPasskeyForm(StrictCredential, webauthn.LoginWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(StrictCredential, webauthn.ReauthenticateWebAuthnForm):
    pass


@contextmanager
def unreadable_is_refused() -> Iterator[None]:
    """Turns every error of the WebAuthn library, whose parsers raise many kinds, into a ValidationError."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001 - see above
        raise forms.ValidationError(REFUSED, code="invalid") from None
