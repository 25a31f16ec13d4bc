"""Security events of signing in and out, from Django's signals, whatever signs a person in."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from tutorarc.domain.email import spellings
from tutorarc.domain.events import Actor
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind
from tutorarc.models.user import User

UNKNOWN = "unknown account"
METHODS = "account_authentication_methods"  # in the session: what django-allauth checked, such as password and mfa


@receiver(user_logged_in)
def record_sign_in(request: Any, user: User, **_: Any) -> None:
    methods = [used["method"] for used in request.session.get(METHODS, [])]
    method = ", ".join(methods) or None
    SecurityEvent.objects.record(SecurityEventKind.SIGN_IN_SUCCEEDED, user=user, by=Actor(user), method=method)


@receiver(user_logged_out)
def record_sign_out(user: User | None, **_: Any) -> None:
    if user is not None:
        SecurityEvent.objects.record(SecurityEventKind.SIGN_OUT, user=user, by=Actor(user))


@receiver(user_login_failed)
def record_failed_sign_in(credentials: Mapping[str, Any], **_: Any) -> None:
    record_attempt(SecurityEventKind.SIGN_IN_FAILED, _typed_address(credentials))


def record_attempt(kind: SecurityEventKind, email: str) -> None:
    """Record an attempt of somebody who isn't signed in, and the person with the typed address.

    Of an address that nobody has, nothing is recorded: people type passwords into that field.
    """
    user = User.objects.filter(email__in=spellings(email)).order_by("email").first()
    SecurityEvent.objects.record_counted(kind, user=user, reason=None if user else UNKNOWN)


def _typed_address(credentials: Mapping[str, Any]) -> str:
    names = ("username", "email", User.USERNAME_FIELD)
    return str(next((credentials[name] for name in names if credentials.get(name)), ""))
