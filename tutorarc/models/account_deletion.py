"""Deleting an account: the person is no longer named, and their row, classes and history stay.

See docs/decisions/deleted-accounts.md. What names the person is removed by a job: tutorarc/mail/erasing.py.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.utils import timezone

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor, change
from tutorarc.models.account_access import NO_LINK, AccountAccess
from tutorarc.models.managers import SUPERUSER_FLAGS
from tutorarc.models.signals import account_closed, people_leave

if TYPE_CHECKING:
    from tutorarc.models import User

CLOSED: dict[str, Any] = {"is_active": False, "is_staff": False, "is_superuser": False, "global_role": "STUDENT"}


class AccountDeletion(AccountAccess):
    """Part of the user model."""

    class Deleted(Conflict):
        reason = "account_deleted"
        message = "This account is deleted, so it can't be changed or used any more."

    deleted_at = models.DateTimeField(null=True, editable=False, help_text="When the deletion was asked for.")

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        values_before: Mapping[str, Any]

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def stand_in(self) -> str:
        """The address of the row after the deletion. Nobody can have it: the domain is reserved by RFC 2606."""
        return f"deleted-{self.pk}@deleted.invalid"

    @property
    def is_erased(self) -> bool:
        return self.email == self.stand_in

    @property
    def is_last_superuser(self) -> bool:
        """Whether the admin site would have no active superuser without this person."""
        full = dict.fromkeys(SUPERUSER_FLAGS, True)
        own = all(getattr(self, name) for name in SUPERUSER_FLAGS)
        return own and not get_user_model().objects.filter(**full).exclude(pk=self.pk).exists()

    def refuse_access(self, by: Actor) -> None:
        """Raises User.Deleted as well, for whoever is not a job or a command."""
        if by.user is not None and self.is_deleted:
            raise self.Deleted()
        super().refuse_access(by)

    @transaction.atomic
    def close_for_deletion(self, by: Actor) -> "User":
        """Sign the person out everywhere, take all rights, and let a job remove what names them. It can't be undone.

        Repeating it changes nothing. Raises User.NeedsSuperuser, User.SignedOut, User.LastSuperuser and
        Membership.LastTeacher.
        """
        user = _locked(self.pk, by)
        if user.is_deleted:
            return user
        people_leave.send(type(user), people=[user])
        user.rights_given_by = by
        user.groups.clear()
        user.user_permissions.clear()
        user.values_before = {name: value for name in CLOSED if (value := getattr(user, name)) != CLOSED[name]}
        former = user.told_before
        ended = {**NO_LINK, "password": make_password(None), "session_version": user.session_version + 1}
        values = {**CLOSED, **ended, "deleted_at": timezone.now()}
        for name, value in values.items():
            setattr(user, name, value)
        change(user, by, verb="close", old=former, **values)
        account_closed.send(type(user), user=user, by=by)
        return user


def _locked(pk: str, by: Actor) -> "User":
    """The row, locked, that the actor may delete. Raises User.NeedsSuperuser, SignedOut and LastSuperuser."""
    people = get_user_model()
    locked = people.objects.lock({pk: CLOSED})
    [user] = [person for person in locked if person.pk == pk]
    if user.is_deleted:
        return user
    user.refuse_access(by)
    if user.has_full_access and not any(person.has_full_access for person in locked if person != user):
        raise people.LastSuperuser()
    return user
