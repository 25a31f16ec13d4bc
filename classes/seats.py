"""Seats of a class (docs/contract.md, "Seats"): each approved student takes one."""

from typing import Any, NamedTuple

from django.db.models import Subquery

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from tutorarc.db.counting import Count
from tutorarc.models import User


class Seats(NamedTuple):
    """How many seats are taken, and how many people wait for an answer to their request."""

    taken: int
    waiting: int


def seats_of(klass: Class) -> Seats:
    """One statement, which reads nothing but indexes."""
    counts = _counted(klass, in_class=_approved(klass), teachers=_teachers(klass), waiting=_waiting(klass))
    return Seats(counts["in_class"] - counts["teachers"], counts["waiting"])


def free_seats(klass: Class) -> int | None:
    """How many students can still come in; None for any number. `klass` is locked."""
    if klass.capacity is None:
        return None
    counts = _counted(klass, in_class=_approved(klass), teachers=_teachers(klass))
    return max(0, klass.capacity - (counts["in_class"] - counts["teachers"]))


def position_of(klass: Class, user: User) -> int | None:
    """The person's place among those who wait, from 1; None for somebody who doesn't wait. One statement."""
    own = _waiting(klass).filter(user=user).values("pk")
    return _waiting(klass).filter(pk__lte=Subquery(own)).count() or None


def require_seats(klass: Class, newcomers: int) -> None:
    """Check that so many students, who are written already, fit into a locked class.

    Makes no statement for a class without a capacity. Raises Class.Full; the transaction then rolls back.
    """
    if klass.capacity is None or not newcomers:
        return
    counts = _counted(klass, in_class=_approved(klass), teachers=_teachers(klass))
    free = klass.capacity - (counts["in_class"] - counts["teachers"] - newcomers)
    if newcomers > free:
        raise Class.Full.of(klass.capacity, max(0, free))


# All students in the class and all its teachers each have an index; students among its people have none.


def _approved(klass: Any) -> Any:
    return klass.memberships.filter(status=MembershipStatus.APPROVED)


def _teachers(klass: Any) -> Any:
    return _approved(klass).filter(role=ClassRole.TEACHER)


def _waiting(klass: Any) -> Any:
    return klass.memberships.filter(status=MembershipStatus.PENDING)


def _counted(klass: Class, **members: Any) -> dict[str, int]:
    counts = {name: Count(some.order_by().values("pk")) for name, some in members.items()}
    counted: Any = Class.objects.filter(pk=klass.pk).values(**counts).get()
    return dict(counted)
