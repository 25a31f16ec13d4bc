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
    counts = _counts(klass, approved=_approved(klass), teachers=_teachers(klass), waiting=_waiting(klass))
    return Seats(counts["approved"] - counts["teachers"], counts["waiting"])


def free_seats(klass: Class) -> int | None:
    """How many students can still come in; None for any number. It is exact only while `klass` is locked."""
    return None if klass.capacity is None else max(0, klass.capacity - _taken(klass))


def position_of(klass: Class, user: User) -> int | None:
    """The person's place on the waiting list, from 1; None without a request that waits. One statement."""
    own = _waiting(klass).filter(user=user).values("pk")
    return _waiting(klass).filter(pk__lte=Subquery(own)).count() or None


def require_seats(klass: Class, newcomers: int) -> None:
    """Check that a locked class has seats for so many students, whose rows are already written.

    Makes no statement for a class without a capacity. Raises Class.Full; the transaction then rolls back.
    """
    if klass.capacity is None or not newcomers:
        return
    free = klass.capacity - (_taken(klass) - newcomers)
    if newcomers > free:
        raise Class.Full.of(klass.capacity, max(0, free))


def _taken(klass: Class) -> int:
    """Approved people without the teachers: both have an index, and approved students have none."""
    counts = _counts(klass, approved=_approved(klass), teachers=_teachers(klass))
    return counts["approved"] - counts["teachers"]


def _approved(klass: Any) -> Any:
    return klass.memberships.filter(status=MembershipStatus.APPROVED)


def _teachers(klass: Any) -> Any:
    return _approved(klass).filter(role=ClassRole.TEACHER)


def _waiting(klass: Any) -> Any:
    return klass.memberships.filter(status=MembershipStatus.PENDING)


def _counts(klass: Class, **members: Any) -> dict[str, int]:
    counts = {name: Count(some.order_by().values("pk")) for name, some in members.items()}
    counted: Any = Class.objects.filter(pk=klass.pk).values(**counts).get()
    return dict(counted)
