"""The verbs of memberships as actions of the admin site: on members of one class, all together or not at all."""

from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from classes.models import Class
from classes.roles import ClassRole
from members.models import Membership
from members.staff_rules import refuse_place
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.staff.forms import without_codes


class Group(NamedTuple):
    """Selected members of one class, changed all together or not at all."""

    klass: Class
    members: list[Membership]

    def __str__(self) -> str:
        return str(self.klass)

    @property
    def rows(self) -> list[Membership]:
        return self.members

    @property
    def user_ids(self) -> list[str]:
        return [member.user_id for member in self.members]

    def with_names(self, refusal: Membership.NotInState) -> Membership.NotInState:
        """The error with names instead of positions."""
        people = {f"user_ids[{index}]": member.user.display_name for index, member in enumerate(self.members)}
        details = [
            detail._replace(message=f"{people[detail.field]}: {without_codes(detail.message)}")
            for detail in refusal.details
        ]
        return Membership.NotInState(details=details)


Verb = Callable[[Group, Actor], int]


def with_staff_rules(verb: Verb, role: str = "") -> Verb:
    """The verb, refused if one of the members may not be given the role, or else the one they have, by this actor."""

    def checked(group: Group, by: Actor) -> int:
        for member in group.members:
            try:
                refuse_place(member.user, role or member.role, by)
            except Conflict as refusal:
                raise type(refusal)(f"{member.user.display_name}: {without_codes(refusal.message)}") from None
        return verb(group, by)

    return checked


def move(verb: Callable[..., list[Membership]], group: Group, by: Actor) -> int:
    """Apply a verb for many people, such as `approve`. Returns how many changed. Raises what it raises."""
    try:
        return len(verb(group.klass, group.user_ids, by))
    except Membership.NotInState as refusal:
        raise group.with_names(refusal) from None


def remove_all(group: Group, by: Actor) -> int:
    """Returns how many were removed. Raises Class.Archived, NotApproved and LastTeacher."""
    _one_by_one(group, lambda member: Membership.objects.remove(group.klass, member.user_id, by))
    return len(group.members)


def change_role(role: ClassRole, group: Group, by: Actor) -> int:
    """Returns how many changed. Raises Class.Archived, NotApproved, LastTeacher, StudentCannotTeach and Class.Full."""
    _one_by_one(group, lambda member: Membership.objects.change_role(group.klass, member.user_id, role, by))
    return sum(member.role != role for member in group.members)


@transaction.atomic
def _one_by_one(group: Group, verb: Callable[[Membership], Membership]) -> None:
    """Apply the verb to each member or to none. Raises Conflict with the refused person."""
    for member in group.members:
        try:
            verb(member)
        except Class.Archived:
            raise
        except Conflict as refusal:
            raise type(refusal)(f"{member.user.display_name}: {without_codes(refusal.message)}") from None
