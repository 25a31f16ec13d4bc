"""Handing a class over from one teacher to another (docs/contract.md, "Transfer")."""

from django.db import transaction
from django.dispatch import Signal

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from members.page_verbs import let_in
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.events import Actor
from tutorarc.models import User

# Sent in the transaction of a transfer, after it wrote, with `klass`, `from_user_id`, `to_user_id` and `by`.
class_transferred = Signal()


class SamePerson(Invalid):
    reason = "same_person"
    message = "Name somebody else: a class can't be transferred to the same teacher."


class NotATeacher(Conflict):
    reason = "not_a_teacher_of_class"
    message = "This person is not an active teacher of this class."


class SeveralTeachers(Conflict):
    reason = "several_teachers"
    message = "This class has several teachers: say in from_user_id whose place is taken."


@transaction.atomic
def transfer(klass: Class, to_user_id: str, by: Actor, *, from_user_id: str = "", may_enrol: bool) -> Class:
    """Remove a class teacher and make another person class teacher, whom the coming sessions follow.

    `from_user_id` may be left out if the class has one teacher. Without `may_enrol` the other person has to be an
    active class teacher already. What is done already is not done again.

    Raises SamePerson, Membership.UnknownPerson, User.NotActive, Membership.StudentCannotTeach, Class.Archived,
    NotATeacher and SeveralTeachers.
    """
    if to_user_id == from_user_id:
        raise SamePerson(details=[Detail("to_user_id", "same_person", SamePerson.message)])
    receiver = _lock(to_user_id)
    klass = Class.objects.lock_active(klass.pk)
    giver = _giver(klass, from_user_id)
    if _is_done(klass, giver, to_user_id):
        return klass
    if giver.role != ClassRole.TEACHER or giver.status != MembershipStatus.APPROVED:
        raise _not_a_teacher("from_user_id")
    _make_teacher(klass, receiver, by, may_enrol=may_enrol)
    is_own = by.user is not None and by.user.pk == giver.user_id
    Membership.objects.remove(klass, giver.user_id, by, verb="leave" if is_own else "remove")
    class_transferred.send(Class, klass=klass, from_user_id=giver.user_id, to_user_id=to_user_id, by=by)
    return klass


def _lock(user_id: str) -> User | None:
    """Lock the person before the class, as deactivating them does, so that they stay active until the end."""
    return User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def _giver(klass: Class, user_id: str) -> Membership:
    """The membership of this person, by default of the only teacher."""
    members = klass.memberships.filter(user=user_id) if user_id else klass.memberships.teachers()
    found = list(members.order_by("pk")[:2])
    if len(found) > 1:
        raise SeveralTeachers()
    if not found:
        raise _not_a_teacher("from_user_id")
    return found[0]


def _is_done(klass: Class, giver: Membership, to_user_id: str) -> bool:
    """Whether the one teaches already in the other's place."""
    is_teacher = klass.memberships.active_teachers().filter(user=to_user_id).exists()
    return is_teacher and (giver.status == MembershipStatus.REMOVED or giver.user_id == to_user_id)


def _make_teacher(klass: Class, receiver: User | None, by: Actor, *, may_enrol: bool) -> None:
    if not may_enrol:
        if not klass.memberships.active_teachers().filter(user=receiver).exists():
            raise _not_a_teacher("to_user_id")
        return
    if receiver is None:
        raise Membership.UnknownPerson()
    if not receiver.is_active:
        raise User.NotActive()
    if receiver.is_student:
        raise Membership.StudentCannotTeach()
    if klass.memberships.filter(user=receiver, status=MembershipStatus.APPROVED).exists():
        Membership.objects.change_role(klass, receiver.pk, ClassRole.TEACHER, by)
    else:
        let_in(klass, receiver, ClassRole.TEACHER, by)


def _not_a_teacher(field: str) -> NotATeacher:
    return NotATeacher(details=[Detail(field, "not_a_teacher_of_class", NotATeacher.message)])
