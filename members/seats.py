"""Seats of a class, as the verbs of memberships take them (docs/contract.md, "Seats")."""

from collections.abc import Iterable
from typing import Protocol

from classes.models import Class
from classes.roles import ClassRole
from classes.seats import require_seats


class HasRole(Protocol):
    """A membership."""

    role: str


class CapacityWasSet(Exception):
    """The class got a capacity since it was loaded, so that its seats can't be taken under a shared lock."""


def seat(klass: Class, newcomers: Iterable[HasRole]) -> None:
    """Check that there are seats for those of the newcomers who are students, and are written. Raises Class.Full.

    `klass` is locked, and not shared, so that of several people for the last seat one gets it.
    """
    if klass.capacity is not None:
        require_seats(klass, sum(member.role == ClassRole.STUDENT for member in newcomers))
