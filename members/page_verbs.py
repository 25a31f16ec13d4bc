"""What a page does with one click, by one or several verbs of the API.

The API's batches are all or nothing, and its enrolment refuses people who have a record. A page does what can be done,
and tells what could not.
"""

from collections.abc import Callable, Sequence

from django.db import transaction

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User

ROUNDS = 5  # more are only needed if other people answer the same requests at the same moment
Verb = Callable[[Class, Sequence[str], Actor], list[Membership]]


def as_many_as_possible(
    verb: Verb, klass: Class, user_ids: Sequence[str], by: Actor
) -> tuple[list[Membership], list[str]]:
    """The memberships that the verb changed, and the ids of the people whom it refused.

    Raises NotInState with everybody if it refused all of them.
    """
    wanted = list(user_ids)
    for _ in range(ROUNDS):
        try:
            changed = verb(klass, wanted, by)
        except Membership.NotInState as refusal:
            refused = {wanted[index_of(detail.field)] for detail in refusal.details}
            wanted = [user_id for user_id in wanted if user_id not in refused]
            if not wanted:
                break
        else:
            return changed, [user_id for user_id in user_ids if user_id not in wanted]
    return verb(klass, user_ids, by), []


def index_of(field: str) -> int:
    """1 for `user_ids[1]`."""
    return int(field.removeprefix("user_ids[").removesuffix("]"))


@transaction.atomic
def let_in(klass: Class, user: User, role: str, by: Actor, email: str = "") -> Membership:
    """Like `enrol`, but people who wait are approved, and those who are no longer in the class are let back in.

    Raises Class.Archived, Class.Full, StudentCannotTeach, AlreadyOnRecord and NotInState.
    """
    Class.objects.lock_active(klass.pk)
    status = Membership.objects.filter(klass=klass, user=user).values_list("status", flat=True).first()
    if status in (None, Status.APPROVED):
        return Membership.objects.enrol(klass, user, role, by, email)
    if status != Status.PENDING:
        Membership.objects.reopen(klass, [user.pk], by)
    Membership.objects.approve(klass, [user.pk], by, become_teachers=role == ClassRole.TEACHER)
    return Membership.objects.change_role(klass, user.pk, role, by)
