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
    """The class got a capacity since it was loaded, so it must be locked exclusively before a seat is taken."""


def seat(klass: Class, newcomers: Iterable[HasRole]) -> None:
    """Check that there are seats for the students among the newcomers, whose rows are written. Raises Class.Full.

    `klass` is locked exclusively, so that only one of several people gets the last seat.
    """
    require_seats(klass, sum(member.role == ClassRole.STUDENT for member in newcomers))
