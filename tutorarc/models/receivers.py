"""Groups and permissions in the admin site are given by Django's many-to-many fields, whose signals end here.

Whichever code gives them, what others made for the person ends (`AccountAccess`).
"""

from collections.abc import Collection, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db.models import Model
from django.db.models.signals import m2m_changed
from django.dispatch import receiver

from tutorarc.domain.events import SYSTEM, Actor, record
from tutorarc.models.known_browser import KnownBrowser
from tutorarc.models.security_event import Detail, SecurityEvent, SecurityEventKind
from tutorarc.models.signals import people_gain_rights
from tutorarc.models.user import User

Added = Collection[Any] | None


@receiver(m2m_changed, sender=User.groups.through)
def groups_given(instance: Model, action: str, reverse: bool, pk_set: Added, **_: Any) -> None:
    if action == "post_add" and pk_set:
        _end_access(instance, pk_set if reverse else [instance.pk])


@receiver(m2m_changed, sender=User.user_permissions.through)
def permissions_given(instance: Model, action: str, reverse: bool, pk_set: Added, **_: Any) -> None:
    if action == "post_add" and pk_set:
        _end_access(instance, pk_set if reverse else [instance.pk], verb="give_permissions")


@receiver(m2m_changed, sender=Group.permissions.through)
def group_permissions_given(instance: Model, action: str, reverse: bool, pk_set: Added, **_: Any) -> None:
    if action == "post_add" and pk_set:
        members = User.objects.filter(groups__in=pk_set if reverse else [instance.pk])
        _end_access(instance, members.values_list("pk", flat=True), verb="give_permissions")


def _end_access(instance: Model, pks: Collection[Any], verb: str = "") -> None:
    """`rights_given_by` is set by the code that knows the actor."""
    by = getattr(instance, "rights_given_by", SYSTEM)
    people = User.objects.end_access_of_others(pks, by)
    if people and verb:
        record(people, by, verb=verb)
    if instance in people:
        instance.refresh_from_db(fields=["password", "session_version", "calendar_version"])


@receiver(people_gain_rights)
def remove_factors(people: Sequence[User], by: Actor, **_: Any) -> None:
    """Second factors of people whose password ended: a passkey signs in alone."""
    ended = [person for person in people if person.password_set_by_id != person.pk]
    factors = Authenticator.objects.filter(user__in=ended)
    if ended and (had := set(factors.values_list("user", flat=True))):
        factors.delete()
        about: list[tuple[User, dict[str, Detail]]] = [
            (person, {"factor": "all"}) for person in ended if person.pk in had
        ]
        SecurityEvent.objects.record_each(SecurityEventKind.FACTOR_REMOVED, about, by)


@receiver(people_gain_rights)
def remove_linked_accounts(people: Sequence[User], **_: Any) -> None:
    """Accounts of identity providers that sign in alone. Who linked one may have used what others gave the person."""
    own = [person.pk for person in people if person.password_set_by_id == person.pk and person.is_address_confirmed]
    SocialAccount.objects.filter(user__in=people).exclude(user__in=own).delete()


@receiver(people_gain_rights)
def forget_browsers(people: Sequence[User], **_: Any) -> None:
    """One of them may be that of a person who knew the password."""
    KnownBrowser.objects.filter(user__in=people).delete()
