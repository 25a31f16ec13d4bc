"""How somebody who accepts an invitation comes into the class, whatever record they have there."""

from datetime import datetime
from uuid import UUID

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.models.membership import Membership
from tutorarc.domain.events import Actor
from tutorarc.models.event import changed_since


def admit(klass: Class, role: str, by: Actor, *, invited_at: datetime) -> Membership:
    """The actor's approved membership of this locked class. Nobody loses the role of a teacher by it.

    Raises StudentCannotTeach, Class.Full, and AlreadyOnRecord for somebody who was declined or removed, or left, after
    they were invited: an older invitation is no way back.
    """
    objects, person = Membership.objects, by.person
    member = objects.filter(klass=klass, user=person).first()
    if member is None:
        return objects.enrol_invited(klass, role, by)
    if member.status in (Status.REJECTED, Status.REMOVED):
        _refuse_older_invitation(member, invited_at)
        objects.reopen(klass, [person.pk], by)
    if member.status != Status.APPROVED:
        objects.approve(klass, [person.pk], by, become_teachers=role == ClassRole.TEACHER)
        return objects.change_role(klass, person.pk, role, by)
    return objects.change_role(klass, person.pk, role, by) if role == ClassRole.TEACHER else member


def _refuse_older_invitation(member: Membership, invited_at: datetime) -> None:
    if changed_since(invited_at, [UUID(int=member.pk)]):
        raise Membership.AlreadyOnRecord(Membership.AlreadyOnRecord.own_record[member.status])
