"""Queries on memberships, and on the people whom somebody may enrol. `members.querysets` adds the verbs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.moves import of_people
from tutorarc.models import User

if TYPE_CHECKING:
    from members.models import Membership  # noqa: F401


def shows_email_to(teacher: User) -> Q:
    """Memberships that let a teacher of their class see the person's address (docs/contract.md, "Members")."""
    return Q(email_given_by=F("user")) | Q(email_given_by=teacher, email_given=F("user__email"))


class MembershipReads(models.QuerySet["Membership"]):
    def teachers(self) -> Self:
        return self.filter(role=ClassRole.TEACHER, status=Status.APPROVED)

    def active_teachers(self) -> Self:
        """Those of the teachers who `can_teach`. A class always keeps one."""
        return self.teachers().filter(user__is_active=True).exclude(user__global_role=User.GlobalRole.STUDENT)

    def waiting(self) -> Self:
        """Join requests that can be answered, oldest first; none of archived classes."""
        return self.filter(status=Status.PENDING, klass__status=Class.Status.ACTIVE).order_by("pk")

    def of(self, klass: Class, user_ids: Sequence[str]) -> Self:
        """Memberships of these people in a class, found by the unique index."""
        condition, parameters = of_people(klass, user_ids, connection)
        return self.filter(RawSQL(condition, parameters, models.BooleanField()))  # noqa: S611

    def person_to_enrol(self, klass: Class, by: User, role: str, **who: str) -> User:
        """The person with this `pk` or `email`. Raises Class.Archived, and UnknownPerson for ADMIN.

        For other users it is InviteInstead, whether there is such a person or not: see `people_to_enrol`.
        """
        if klass.is_archived:
            raise Class.Archived()
        if person := self.people_to_enrol(klass, by, role, **who).first():
            return person
        raise self.model.UnknownPerson() if by.is_admin else self.model.InviteInstead()

    def people_to_enrol(self, klass: Class, by: User, role: str, **who: Any) -> models.QuerySet[User]:
        """The people with this `pk`, `email` or `email__in` whom the user may enrol: for ADMIN all.

        Other users find only people with a record in a class that they teach, and can't tell anybody else from somebody
        who doesn't exist. By an address that they may not see they find only whom they could enrol: another refusal
        would confirm whose it is.
        """
        people = User.objects.filter(deleted_at=None, **who)
        if by.is_admin:
            return people
        taught = self.model.objects.teachers().filter(user=by).values("klass")
        known = self.model.objects.filter(user=OuterRef("pk"), klass__in=taught)
        people = people.filter(Exists(known))
        if "pk" in who:
            return people
        return people.filter(Q(pk=by.pk) | Exists(known.filter(shows_email_to(by))) | self._free(klass, role))

    def _free(self, klass: Class, role: str) -> Q:
        """People who can be enrolled in the class in this role, as a condition on users."""
        free = ~Exists(self.model.objects.filter(user=OuterRef("pk"), klass=klass))
        return Q(free) & (~Q(global_role=User.GlobalRole.STUDENT) if role == ClassRole.TEACHER else Q())
