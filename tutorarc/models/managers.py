"""How people come to be, one or many, and change together. The verbs on one person are in `models`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import IntegrityError, models, transaction

from tutorarc.domain.errors import Detail
from tutorarc.domain.history import SYSTEM, Actor, insert, record

# What it takes, all together, to open the whole admin site.
POWERS = ("is_active", "is_staff", "is_superuser")


class UserManager(BaseUserManager[Any]):
    def create_user(self, email: str, password: str | None = None, by: Actor = SYSTEM, **fields: Any) -> Any:
        """Raises User.EmailTaken, and ValidationError where a field is wrong."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        taken = self.model.EmailTaken(f"There is already a person with the address {user.email}.")
        if self.filter(email=user.email).exists():
            raise taken
        user.full_clean()
        try:
            with transaction.atomic():
                return insert(user, by, verb="create")
        except IntegrityError:  # someone else was faster
            raise taken from None

    @transaction.atomic
    def create_many(self, people: Sequence[Any], by: Actor = SYSTEM) -> list[Any]:
        """Add unsaved people, who can't sign in until they are given a password: all or none, in a few statements.

        Raises User.EmailTaken, naming each address, and ValidationError where a field is wrong.
        """
        for user in people:
            user.set_unusable_password()
            user.clean()
            user.clean_fields()
        self._refuse_taken([user.email for user in people])
        try:
            with transaction.atomic():
                self.bulk_create(sorted(people, key=lambda user: user.email))  # one order: no deadlock with a twin
        except IntegrityError:  # someone else was faster, or one address stands twice among these
            raise self.model.EmailTaken() from None
        record(people, by, verb="create", created=True)
        return list(people)

    @transaction.atomic
    def edit_many(self, changes: Mapping[str, Mapping[str, Any]], by: Actor) -> list[Any]:
        """`User.edit` of each person, by id, in a few statements. Raises what that does."""
        locked = self._lock(changes)
        users = [user for user in locked if user.pk in changes]
        taken = {user: values for user in users if (values := user._take(changes[user.pk], locked))}
        if not taken:
            return []
        changed, fields = list(taken), {name for values in taken.values() for name in values}
        try:
            with transaction.atomic():
                self.bulk_update(changed, sorted(fields))
        except IntegrityError:
            raise self.model.EmailTaken() from None
        record(changed, by, verb="edit")
        return changed

    def _lock(self, changes: Mapping[str, Mapping[str, Any]]) -> list[Any]:
        """These people; and where one of them is a superuser who may lose a power, every superuser with them.

        All in one order, which is that of imports: of two superusers who demote each other at once, the second waits
        and sees what is left.
        """
        wanted, superusers = models.Q(pk__in=changes), models.Q(**dict.fromkeys(POWERS, True))
        losing = [pk for pk, values in changes.items() if not all(values.get(name, True) for name in POWERS)]
        if losing and self.filter(superusers, pk__in=losing).exists():
            wanted |= superusers
        return list(self.select_for_update(no_key=True).filter(wanted).order_by("email"))

    def _refuse_taken(self, emails: list[str]) -> None:
        taken = set(self.filter(email__in=emails).values_list("email", flat=True))
        if details := [
            Detail(f"people[{index}]", "email_taken", f"{email}: {self.model.EmailTaken.message}")
            for index, email in enumerate(emails)
            if email in taken
        ]:
            raise self.model.EmailTaken(details=details)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> Any:
        return self.get(email=(email or "").strip().lower())
