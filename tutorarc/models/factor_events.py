"""Security events of second factors, from the signals of django-allauth."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver

from tutorarc.domain.events import Actor
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind
from tutorarc.models.user import User


@receiver([signals.authenticator_added, signals.authenticator_reset])
def record_new_factor(user: User, authenticator: Authenticator, **_: Any) -> None:
    SecurityEvent.objects.record(
        SecurityEventKind.FACTOR_ADDED, user=user, by=Actor(user), factor=str(authenticator.type)
    )


@receiver(signals.authenticator_removed)
def record_removed_factor(user: User, authenticator: Authenticator, **_: Any) -> None:
    SecurityEvent.objects.record(
        SecurityEventKind.FACTOR_REMOVED, user=user, by=Actor(user), factor=str(authenticator.type)
    )


@receiver(signals.authentication_failed)
def record_wrong_code(user: User, **_: Any) -> None:
    SecurityEvent.objects.record_counted(SecurityEventKind.SIGN_IN_FAILED, user=user, method="code")
