"""Takes a person whose account is deleted out of their classes, and removes their address from invitations."""

from django.db.models import Q

from classes.models import Class
from classes.roles import MembershipStatus as Status
from members.models import Invitation, Membership
from tutorarc.db.ids import to_uuid
from tutorarc.domain.erasure import MORE, Leaver, erasing
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import Event

TOGETHER = 50


@erasing("memberships")
def erase_memberships(leaver: Leaver, _after: str) -> str:
    """Leave active classes, and withdraw requests. In archived classes nothing changes any more."""
    mine = Membership.objects.filter(user=leaver.user, klass__status=Class.Status.ACTIVE).select_related("klass")
    going = list(mine.filter(status__in=[Status.APPROVED, Status.PENDING]).order_by("klass_id")[:TOGETHER])
    for member in going:
        if member.status == Status.PENDING:
            Membership.objects.withdraw(member.klass, Actor(leaver.user))
        elif leaver.asked_themselves:
            Membership.objects.leave(member.klass, Actor(leaver.user))
        else:
            Membership.objects.remove(member.klass, leaver.user.pk, leaver.by)
    Membership.objects.filter(user=leaver.user).exclude(email_given="").update(email_given="")
    return MORE if going else ""


@erasing("invitations")
def erase_invitations(leaver: Leaver, _after: str) -> str:
    """Those to the person's addresses are revoked. What the person wrote into others is removed."""
    to_them = Q(email__in=leaver.identity.addresses) & (Q(accepted_by=None) | Q(accepted_by=leaver.user))
    accepted = Q(accepted_by=leaver.user) & ~Q(email=leaver.stand_in)
    batch = list(Invitation.objects.filter(to_them | accepted).order_by("klass_id", "pk")[:TOGETHER])
    list(Class.objects.filter(pk__in={one.klass_id for one in batch}).order_by("pk").select_for_update(no_key=True))
    for one in batch:
        one.forget_guest(leaver.stand_in, SYSTEM)
    Event.objects.about([to_uuid("inv", one.pk) for one in batch]).blank({"email": leaver.stand_in})
    Invitation.objects.filter(sent_by=leaver.user).exclude(message="").update(message="")
    return MORE if batch else ""
