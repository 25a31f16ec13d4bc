"""Who may change whose account, and who gave its owner access to it (docs/staff.md, "Access given by others").

Somebody who set a person's password, made their link or key, or entered their address, could sign in as that person. So
all of it ends when the person gains rights: the global role ADMIN, or rights in the admin site.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models.signals import access_given

if TYPE_CHECKING:
    from tutorarc.models import User

NO_LINK: dict[str, Any] = {"password_link_by_id": None, "password_link_at": None}
FIELDS_OF_ACCESS = (
    "password",
    "password_set_by",
    "password_link_by",
    "password_link_at",
    "session_version",
    "calendar_version",
)


def _person(help_text: str) -> Any:
    """A reference to a user without constraint and index, so that adding it locks no table."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text=help_text,
    )


class AccountAccess(models.Model):
    """Where the access to an account comes from, and the rules that depend on it. Part of the user model."""

    class NeedsSuperuser(Conflict):
        reason = "needs_superuser"
        message = "Only a superuser may change this person's access."

    class OwnRole(Conflict):
        reason = "own_role"
        message = "You can't change your own role, or deactivate yourself as an ADMIN. Ask somebody else who may."

    class AccessFromYou(Conflict):
        reason = "access_from_you"
        message = "You set this person's password or made their link, so somebody else has to make them a teacher."

    class SignedOut(Conflict):
        reason = "signed_out"
        message = "You were signed out in the meantime. Sign in again."

    class ChangedMeanwhile(Conflict):
        reason = "changed_meanwhile"
        message = "Nothing was changed: this person’s name or address is no longer the one that was shown to you."

    password_set_by = _person("The owner, or who else may know the password. Null: a command, or unknown.")
    email_set_by = _person("The owner, if the address is known to be theirs; otherwise who entered it.")
    password_link_by = _person("Who made the newest one-time link.")
    password_link_at = models.DateTimeField(null=True, editable=False)

    rights_given_by: Actor = SYSTEM  # who gives the groups and permissions that are being added

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        pk: str
        email: str
        is_active: bool
        is_staff: bool
        is_superuser: bool

        @property
        def is_admin(self) -> bool: ...

        session_version: int
        calendar_version: int
        last_login: Any
        password_set_by_id: str | None
        email_set_by_id: str | None
        password_link_by_id: str | None

    @property
    def rights(self) -> frozenset[str]:
        """The role and flags that only superusers give."""
        given = {"ADMIN": self.is_admin, "is_staff": self.is_staff, "is_superuser": self.is_superuser}
        return frozenset(name for name, has in given.items() if has)

    def gained_since(self, before: frozenset[str]) -> frozenset[str]:
        """The new ones of these rights. A superuser gains none, who could give them all before."""
        return frozenset() if "is_superuser" in before else self.rights - before

    def may_manage_account(self, person: "AccountAccess") -> bool:
        """Whether this member of staff may set the person's password or address, or make links and keys for them."""
        return self.is_superuser or self.pk == person.pk or not person.rights

    def refuse_access(self, by: Actor) -> None:
        """Raises NeedsSuperuser if the actor may not manage this account, and SignedOut if its owner was signed out.

        Call it on a locked row: rights may have changed since the request was authenticated.
        """
        if by.user is None:
            return
        if not by.user.may_manage_account(self):
            raise self.NeedsSuperuser()
        if by.user.pk == self.pk and by.user.session_version != self.session_version:
            raise self.SignedOut()

    def refuse_signing_in_as(self, by: Actor) -> None:
        """Raises what receivers of `access_given` raise, where staff could sign in as this person by what they do.

        Superusers may, and so may an ADMIN, who manages all classes anyway.
        """
        staff = by.user
        if staff and staff.pk != self.pk and not (staff.is_superuser or staff.is_admin):
            access_given.send(type(self), person=self)

    def refuse_rights(self, by: Actor) -> None:
        """Raises NeedsSuperuser if the actor may not give rights to others."""
        if by.user is not None and not by.user.is_superuser:
            raise self.NeedsSuperuser()

    def refuse_teacher_role(self, by: Actor) -> None:
        """Raises AccessFromYou if staff would make a teacher of a person as whom they could sign in."""
        if by.user is None or by.user.is_superuser or by.user.pk == self.pk:
            return
        if by.user.pk in (self.password_set_by_id, self.password_link_by_id):
            raise self.AccessFromYou()

    def refuse_changed(self, shown: Mapping[str, Any]) -> None:
        """Raises ChangedMeanwhile if these fields no longer have the values that the actor has seen.

        Otherwise staff could exchange the person or the address under the eyes of a superuser. Call it on a locked row.
        """
        if any(getattr(self, name) != value for name, value in shown.items()):
            raise self.ChangedMeanwhile()

    def refuse_global_role(self, by: Actor, role: str) -> None:
        """Raises OwnRole if staff would give this global role to themselves, and AccessFromYou as above."""
        if by.user is not None and by.user.pk == self.pk and not by.user.is_superuser:
            raise self.OwnRole()
        if role == "TEACHER":
            self.refuse_teacher_role(by)

    def refuse_change_of_rights(self, changed: Mapping[str, Any], before: frozenset[str], by: Actor) -> None:
        """Raises NeedsSuperuser, OwnRole and AccessFromYou. `changed` are the values that are set and not yet written.

        `before` are the rights before them.
        """
        if self.rights - before:
            self.refuse_rights(by)
        if "global_role" in changed:
            self.refuse_global_role(by, changed["global_role"])
        if "ADMIN" in before and not (self.is_admin and self.is_active) and by.user == self:
            raise self.OwnRole()

    def giver(self, by: Actor) -> str | None:
        """Id of the person who may know a password or key that the actor sets here; None if that is unknown.

        The owner may have signed in with a password from somebody else, who then could have done the same.
        """
        if by.user is None:
            return None
        return self.password_set_by_id if by.user.pk == self.pk else by.user.pk

    def address_giver(self, by: Actor) -> str | None:
        """Who is to be remembered as `email_set_by`: the owner if a superuser or a command entered the address."""
        return self.pk if by.user is None or by.user.is_superuser else self.giver(by)

    def end_access_of_others(self) -> dict[str, Any]:
        """Sign the person out and end links, calendar feeds, and the password unless the owner set it.

        Returns the changed values.
        """
        ended: dict[str, Any] = {
            **NO_LINK,
            "session_version": self.session_version + 1,
            "calendar_version": self.calendar_version + 1,
        }
        if self.password_set_by_id != self.pk:
            ended |= {"password": make_password(None), "password_set_by_id": None}
        for name, value in ended.items():
            setattr(self, name, value)
        return ended

    @property
    def is_address_confirmed(self) -> bool:
        return self.email_set_by_id == self.pk

    @property
    def owner_of_mailbox(self) -> str | None:
        """`password_set_by` of a password set by a mailed link: the owner, if the address is known to be theirs.

        Not if there are second factors from before: whoever knew the last password may have set up a passkey.
        """
        is_owner = self.password_set_by_id == self.pk or not Authenticator.objects.filter(user=self.pk).exists()
        return self.pk if self.is_address_confirmed and is_owner else None

    @property
    def may_get_password_mail(self) -> bool:
        """Whether a link for a new password may be mailed: not to an address that others gave a person with rights."""
        return self.is_active and (not self.rights or self.is_address_confirmed)

    @property
    def has_open_password_link(self) -> bool:
        """Whether a one-time link was made, and neither used nor replaced by a sign-in, and has not expired."""
        made = self.password_link_at
        lifetime = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        return bool(made and made > timezone.now() - lifetime and (self.last_login is None or self.last_login < made))

    @property
    def is_password_link_valid(self) -> bool:
        """Whether the maker of the one-time link may still make one for this person."""
        maker: User | None = self.password_link_by
        if maker is None:
            return self.password_link_at is not None
        may_change_people = maker.is_active and maker.is_staff and maker.has_perm("tutorarc.change_user")
        return may_change_people and maker.may_manage_account(self)
