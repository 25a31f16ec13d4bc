"""Manager of users: create one or many, and edit many."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import IntegrityError, models, transaction

from tutorarc.domain import email as addresses
from tutorarc.domain.errors import Conflict, Detail, ExternalIdTaken
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
        """Raises User.EmailTaken, ExternalIdTaken, User.NeedsSuperuser, HashingBusy and ValidationError."""
        return self._create(self.model(email=email, **fields), password, by)

    def sign_up(self, email: str, password: str, **fields: Any) -> "User":
        """An account that its owner makes, who opened a link that was mailed to this address.

        Nobody else knows the password. Raises User.EmailTaken, HashingBusy and ValidationError.
        """
        user = self.model(email=email, **fields)
        return self._create(user, password, Actor(user))

    def _create(self, user: "User", password: str | None, by: Actor) -> "User":
        user.password = digest_of_new(password, user)
        user.clean_fields()
        _note_giver(user, by)
        self.refuse_taken([user])
        try:
            with transaction.atomic():
                insert(user, by, verb="create")
                add_addresses([user])
                return user
        except IntegrityError:  # created concurrently
            self.refuse_taken([user])
            raise

    @transaction.atomic
    def create_many(self, people: "Sequence[User]", by: Actor = SYSTEM) -> "list[User]":
        """Insert unsaved users without a password, atomically, in a constant number of statements.

        Raises User.EmailTaken and ExternalIdTaken with each that is taken, User.NeedsSuperuser, and ValidationError.
        """
        for user in people:
            user.set_unusable_password()
            user.clean_fields()
            _note_giver(user, by)
        self.refuse_taken(people)
        try:
            with transaction.atomic():
                self.bulk_create(sorted(people, key=lambda user: user.email))  # a fixed order avoids deadlocks
                add_addresses(people)
        except IntegrityError:  # created concurrently, or repeated in `people`
            self.refuse_taken(people)
            raise self._repeated(people) from None
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
        changed = list(taken)
        self._write(taken)
        if renamed := [user for user in changed if "folded_name" in taken[user]]:
            people_renamed.send(self.model, people=renamed)
        record(changed, by, verb="edit", old=lambda user: user.told_before)
        if gaining := [user for user in changed if user.gained_since(rights[user])]:
            people_gain_rights.send(self.model, people=gaining, by=by)
        return changed

    def _write(self, taken: "Mapping[User, Mapping[str, Any]]") -> None:
        """Write the values that are set on these users. Raises User.EmailTaken and ExternalIdTaken."""
        changed, fields = list(taken), {name for values in taken.values() for name in values}
        try:
            with transaction.atomic():
                self.bulk_update(changed, sorted(fields))
                replace_addresses([user for user in changed if "email" in taken[user]])
        except IntegrityError:
            self.refuse_taken(changed)
            raise self._repeated(changed) from None

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

    def refuse_taken(self, people: "Sequence[User]") -> None:
        """Raises User.EmailTaken or ExternalIdTaken, naming each that other people have, in one statement."""
        theirs = models.Q(email__in=[user.email for user in people])
        if external_ids := [user.external_id for user in people if user.external_id]:
            theirs |= models.Q(external_id__in=external_ids)
        others = self.filter(theirs).exclude(pk__in=[user.pk for user in people if not user._state.adding])
        emails, ids = {}, {}
        for pk, email, external_id in others.values_list("pk", "email", "external_id"):
            emails[email], ids[external_id] = pk, pk
        if details := [
            Detail(field, "email_taken", f"{user.email}: {self.model.EmailTaken.message}", emails[user.email])
            for user, field in _fields(people, "email")
            if user.email in emails
        ]:
            message = f"There is already a person with the address {people[0].email}." if len(people) == 1 else ""
            raise self.model.EmailTaken(message, details)
        if details := [
            ExternalIdTaken.detail(field, ids[user.external_id])
            for user, field in _fields(people, "external_id")
            if user.external_id and user.external_id in ids
        ]:
            raise ExternalIdTaken(details=details)

    def _repeated(self, people: "Sequence[User]") -> Conflict:
        external_ids = [user.external_id for user in people if user.external_id]
        return ExternalIdTaken() if len(set(external_ids)) < len(external_ids) else self.model.EmailTaken()

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        """The user with this address, however it is spelled. Raises User.DoesNotExist."""
        spellings = addresses.spellings(email or "")
        found = sorted(self.filter(email__in=spellings), key=lambda user: spellings.index(user.email))
        if not found:
            raise self.model.DoesNotExist()
        return found[0]


def _fields(people: "Sequence[User]", name: str) -> "list[tuple[User, str]]":
    """Each person with the field of an error: `people[3]` if there are several."""
    return [(user, f"people[{index}]" if len(people) > 1 else name) for index, user in enumerate(people)]


def _note_giver(user: "User", by: Actor) -> None:
    """Remember who gave a new person their password and address. Raises User.NeedsSuperuser."""
    if user.rights:
        user.refuse_rights(by)
    user.password_set_by_id = by.user and by.user.pk if user.has_usable_password() else None
    user.email_set_by_id = user.address_giver(by)
