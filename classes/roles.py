"""Roles and statuses of a person in one class. The role on the whole site is `User.GlobalRole`."""

from typing import Protocol

from django.db.models import TextChoices


class ClassRole(TextChoices):
    STUDENT = "STUDENT"
    TEACHER = "TEACHER"


class MembershipStatus(TextChoices):
    """The statuses of a membership (docs/contract.md, "Membership statuses").

    PENDING → APPROVED | REJECTED; APPROVED → REMOVED; REJECTED | REMOVED → PENDING (reopen). Nothing else.
    """

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REMOVED = "REMOVED"


class WithRole(Protocol):
    """A class, or something of a class, that was loaded `with_role_of` a user."""

    my_role: str | None
    my_status: str | None
