"""Manager of users: create one or many, and edit many."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import IntegrityError, models, transaction

from tutorarc.domain import email as addresses
from tutorarc.domain.errors import Detail
from tutorarc.domain.events import SYSTEM, Actor, insert, record
from tutorarc.domain.password_rules import digest_of_new
from tutorarc.models.account_access import FIELDS_OF_ACCESS
from tutorarc.models.email_addresses import add_addresses, replace_addresses
from tutorarc.models.signals import people_gain_rights, people_renamed, people_stop_teaching

if TYPE_CHECKING:
    from tutorarc.models import User

# Flags that a superuser with full access needs.
SUPERUSER_FLAGS = ("is_active", "is_staff", "is_superuser")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, by: Actor = SYSTEM, **fields: Any) -> "User":
        """Raises User.EmailTaken, User.NeedsSuperuser, HashingBusy, and ValidationError for a wrong value."""
        user = self.model(email=email, **fields)
        user.password = digest_of_new(password, user)
        user.full_clean(validate_unique=False)
        _note_giver(user, by)
        taken = self.model.EmailTaken(f"There is already a person with the address {user.email}.")
        if self.filter(email=user.email).exists():
            raise taken
        try:
            with transaction.atomic():
                insert(user, by, verb="create")
                add_addresses([user])
                return user
        except IntegrityError:  # created concurrently
            raise taken from None

    @transaction.atomic
    def create_many(self, people: "Sequence[User]", by: Actor = SYSTEM) -> "list[User]":
        """Insert unsaved users without a password, atomically, in a constant number of statements.

        Raises User.EmailTaken with each taken address, User.NeedsSuperuser, and ValidationError for a wrong field.
        """
        for user in people:
            user.set_unusable_password()
            user.clean_fields()
            _note_giver(user, by)
        self._refuse_taken([user.email for user in people])
        try:
            with transaction.atomic():
                self.bulk_create(sorted(people, key=lambda user: user.email))  # a fixed order avoids deadlocks
                add_addresses(people)
        except IntegrityError:  # created concurrently, or an address is repeated in `people`
            raise self.model.EmailTaken() from None
        record(people, by, verb="create", created=True)
        return list(people)

    @transaction.atomic
    def edit_many(self, changes: Mapping[str, Mapping[str, Any]], by: Actor) -> "list[User]":
        """Like `User.edit` for many users by id, in a constant number of statements. Raises the same errors."""
        locked = self.lock(changes)
        users = [user for user in locked if user.pk in changes]
        could_teach = [user for user in users if user.can_teach]
        rights = {user: user.rights for user in users}
        taken = {user: values for user in users if (values := user.apply_changes(changes[user.pk], locked, by))}
        if not taken:
            return []
        if stopping := [user for user in could_teach if not user.can_teach]:
            people_stop_teaching.send(self.model, people=stopping)
        changed, fields = list(taken), {name for values in taken.values() for name in values}
        try:
            with transaction.atomic():
                self.bulk_update(changed, sorted(fields))
                replace_addresses([user for user in changed if "email" in taken[user]])
        except IntegrityError:
            raise self.model.EmailTaken() from None
        if renamed := [user for user in changed if "folded_name" in taken[user]]:
            people_renamed.send(self.model, people=renamed)
        record(changed, by, verb="edit", old=lambda user: user.told_before)
        if gaining := [user for user in changed if user.gained_since(rights[user])]:
            people_gain_rights.send(self.model, people=gaining, by=by)
        return changed

    @transaction.atomic
    def end_access_of_others(self, pks: "Collection[str]", by: Actor) -> "list[User]":
        """End what others made for these people, who gain permissions. Superusers gain none, and are left out."""
        people = list(self.select_for_update(no_key=True).filter(pk__in=pks, is_superuser=False).order_by("email"))
        for person in people:
            person.end_access_of_others()
        if people:
            self.bulk_update(people, FIELDS_OF_ACCESS)
            people_gain_rights.send(self.model, people=people, by=by)
        return people

    def lock(self, changes: Mapping[str, Mapping[str, Any]]) -> "list[User]":
        """Lock these users, and all superusers if one of these may lose a superuser flag.

        Rows are locked in one order, so that two superusers who demote each other can't both succeed.
        """
        wanted, superusers = models.Q(pk__in=changes), models.Q(**dict.fromkeys(SUPERUSER_FLAGS, True))
        losing = [pk for pk, values in changes.items() if not all(values.get(name, True) for name in SUPERUSER_FLAGS)]
        if losing and self.filter(superusers, pk__in=losing).exists():
            wanted |= superusers
        return list(self.select_for_update(no_key=True).filter(wanted).order_by("email"))

    def lock_account(self, pk: str, by: Actor) -> "User":
        """The user, locked, whose password, link or keys the actor may set. Raises User.NeedsSuperuser, User.SignedOut.

        The lock lasts until the transaction ends, so that what is made for a person ends if they gain rights meanwhile.
        """
        user = self.select_for_update(no_key=True).get(pk=pk)
        user.refuse_access(by)
        return user

    def _refuse_taken(self, emails: list[str]) -> None:
        taken = set(self.filter(email__in=emails).values_list("email", flat=True))
        if details := [
            Detail(f"people[{index}]", "email_taken", f"{email}: {self.model.EmailTaken.message}")
            for index, email in enumerate(emails)
            if email in taken
        ]:
            raise self.model.EmailTaken(details=details)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        """The user with this address, however it is spelled. Raises User.DoesNotExist."""
        spellings = addresses.spellings(email or "")
        found = sorted(self.filter(email__in=spellings), key=lambda user: spellings.index(user.email))
        if not found:
            raise self.model.DoesNotExist()
        return found[0]


def _note_giver(user: "User", by: Actor) -> None:
    """Remember who gave a new person their password and address. Raises User.NeedsSuperuser."""
    if user.rights:
        user.refuse_rights(by)
    user.password_set_by_id = by.user and by.user.pk if user.has_usable_password() else None
    user.email_set_by_id = user.address_giver(by)
