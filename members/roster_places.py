"""The person, class and existing membership that each row of a roster refers to."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from classes.class_lookup import find_classes
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.imports.columns import Row
from tutorarc.imports.people import People, row_email
from tutorarc.imports.plans import Terms, in_batches
from tutorarc.models import User

NO_PERSON = "No person has this address. Import people first, or add a column with the names."
NO_PLACE_FOR_ID = "No person has this external id."
TEACHER_NOW = (ClassRole.TEACHER, MembershipStatus.APPROVED)
STUDENT_NOW = (ClassRole.STUDENT, MembershipStatus.APPROVED)


class Place(NamedTuple):
    """A class and a person, with the membership if there is one. None for a class that the file adds before."""

    klass: Class | None
    user: User
    member: Membership | None

    @property
    def status(self) -> str | None:
        return self.member.status if self.member else None

    @property
    def teaches(self) -> bool:
        """Whether the person counts as an active teacher of the class."""
        return bool(self.member and self.user.can_teach and (self.member.role, self.status) == TEACHER_NOW)

    @property
    def has_seat(self) -> bool:
        return self.member is not None and (self.member.role, self.status) == STUDENT_NOW


class Work(NamedTuple):
    place: Place
    role: str
    verbs: tuple[str, ...]
    will_teach: bool
    needs_seat: bool


class Records:
    """Existing rows that the file refers to, and people that it adds before, who are not saved yet."""

    def __init__(self, rows: Sequence[Row], terms: Terms) -> None:
        self._classes, self._people, self._terms = find_classes(rows, terms), People(rows), terms
        classes = {klass.pk: klass for klass in self._classes.values() if isinstance(klass, Class)}
        self._members: dict[tuple[str, str], Membership] = {}
        people = {user.pk: user for user in [*self._people.by_email.values(), *self._people.by_external_id.values()]}
        for some in in_batches(list(people)):
            found: QuerySet[Membership] = Membership.objects.filter(user__in=some, klass__in=list(classes))
            self._members |= {(member.klass_id, member.user_id): member for member in found}

    def place(self, row: Row) -> Place | str:
        """Where the row puts whom, or why it can't be used."""
        klass = self._classes[class_text(row)]
        if isinstance(klass, str):
            return klass
        user = self._people.of(row) or self._coming(row)
        if user is None:
            return NO_PERSON if row.cells.get("email") else NO_PLACE_FOR_ID
        return Place(klass, user, self._members.get((klass.pk, user.pk)) if klass else None)

    def _coming(self, row: Row) -> User | None:
        email = row_email(row)
        role = self._terms.coming_people.get(email)
        return User(email=email, global_role=role) if role else None


def class_text(row: Row) -> str:
    """What the row names its class by: the key of a class of the same file, or else a code, id or title."""
    return row.cells.get("class", "")
