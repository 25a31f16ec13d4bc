"""What a person signs in with: the password, one-time links to set it, second factors, and what ends all sign-ins."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor, change, record
from tutorarc.domain.password_rules import digest_of_new
from tutorarc.domain.password_tokens import password_tokens
from tutorarc.models.account_access import NO_LINK, AccountAccess
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind

if TYPE_CHECKING:
    from tutorarc.models import User


class Credentials(AccountAccess, AbstractBaseUser):
    """Part of the user model."""

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        known_browsers: Any
        session_version: int
        calendar_version: int

        def write_change(self, by: Actor, verb: str, old: Mapping[str, Any] | None = None, **values: Any) -> "User": ...

    class LinkSpent(Conflict):
        reason = "link_spent"
        message = "This link has been used."

    def set_password_by_link(self, token: str, password: str) -> "User":
        """Set the password with a one-time link, checked again under a row lock so that it works only once.

        Raises User.LinkSpent, HashingBusy, and ValidationError for a password that is refused.
        """
        digest = digest_of_new(password, self)
        with transaction.atomic():
            user = get_user_model().objects.select_for_update(no_key=True).get(pk=self.pk)
            if not user.is_active or not password_tokens.check_token(user, token):
                raise self.LinkSpent()
            SecurityEvent.objects.record(SecurityEventKind.PASSWORD_LINK_USED, user=user, by=Actor(user))
            is_mailed = password_tokens.mailed.check_token(user, token)
            set_by = user.owner_of_mailbox if is_mailed else user.password_link_by_id
            return user.write_password(Actor(user), digest, set_by)

    def change_password(self, by: Actor, password: str | None) -> "User":
        """Set a password; None disables password sign-in. The event doesn't contain it.

        Raises User.NeedsSuperuser, User.SignedOut, TeachesClasses, HashingBusy, and ValidationError for a password that
        is refused.
        """
        digest = digest_of_new(password, self)
        with transaction.atomic():
            user = get_user_model().objects.lock_account(self.pk, by)
            user.refuse_signing_in_as(by)
            user.write_password(by, digest, user.giver(by))
        self.password = digest  # of this instance, which a form holds
        return user

    def write_password(self, by: Actor, digest: str, set_by: str | None) -> "User":
        """Write the password of this row, which is locked.

        All known browsers are forgotten: one of them may be that of a person who knew the old password.
        """
        self.known_browsers.all().delete()
        return self.write_change(by, "set_password", password=digest, password_set_by_id=set_by, **NO_LINK)

    @transaction.atomic
    def make_password_link(self, by: Actor) -> str:
        """Path of a one-time link to set this user's password, valid for PASSWORD_RESET_TIMEOUT seconds.

        It replaces the link made before. Raises User.NotActive, User.NeedsSuperuser, User.SignedOut and TeachesClasses.
        """
        user = get_user_model().objects.lock_account(self.pk, by)
        user.refuse_signing_in_as(by)
        if not user.is_active:
            raise user.NotActive()
        user.write_change(by, "make_password_link", password_link_by_id=user.giver(by), password_link_at=timezone.now())
        return self._link_path(password_tokens.by_staff.make_token(user))

    def mailed_link_path(self) -> str:
        """Path of a one-time link to set this user's password, to be mailed to them."""
        return self._link_path(password_tokens.mailed.make_token(cast("User", self)))

    def _link_path(self, token: str) -> str:
        return reverse("password-set", args=[urlsafe_base64_encode(force_bytes(self.pk)), token])

    @transaction.atomic
    def remove_second_factors(self, by: Actor) -> bool:
        """Remove passkeys and codes of a person who lost them. Returns whether there were any.

        Raises User.NeedsSuperuser and User.SignedOut.
        """
        user = get_user_model().objects.lock_account(self.pk, by)
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if removed:
            record([user], by, verb="remove_second_factors")
            SecurityEvent.objects.record(SecurityEventKind.FACTOR_REMOVED, user=user, by=by, factor="all")
        return bool(removed)

    @transaction.atomic
    def end_sign_ins(self, by: Actor) -> "User":
        """End every session of this user. The one that asked for it has to take over the new session hash."""
        user = get_user_model().objects.select_for_update(no_key=True).get(pk=self.pk)
        SecurityEvent.objects.record(SecurityEventKind.SESSIONS_ENDED, user=user, by=by, ended="all")
        return change(user, by, verb="end_sign_ins", session_version=user.session_version + 1)

    @transaction.atomic
    def renew_calendar(self, by: Actor) -> "User":
        """End the addresses of all calendar feeds of this user: new ones take their place."""
        user = get_user_model().objects.select_for_update(no_key=True).get(pk=self.pk)
        return change(user, by, verb="renew_calendar", calendar_version=user.calendar_version + 1)

    def get_session_auth_hash(self) -> str:
        """Hash that every session is checked against. It changes with the password and with
        `session_version`: on deactivation, with new rights, and when all sign-ins are ended."""
        return self._with_session_version(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._with_session_version, super().get_session_auth_fallback_hash())

    def _with_session_version(self, session_hash: str) -> str:
        return f"{session_hash}.{self.session_version}"
