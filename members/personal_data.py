"""What memberships and invitations hold of a person."""

from typing import Any

from django.db.models import Q

from members.models import Invitation, Membership
from tutorarc.domain.email import spellings
from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.models import User


def _memberships(user: User) -> Any:
    return Membership.objects.filter(user=user).select_related("klass")


def _membership(member: Membership, _: User) -> Shown:
    """With the address by which the person was added or asked to join."""
    return member.as_shown() | {"class_title": member.klass.title, "email_given": member.email_given}


def _invitations(user: User) -> Any:
    return Invitation.objects.filter(Q(email__in=spellings(user.email)) | Q(accepted_by=user) | Q(sent_by=user))


def _invitation(invitation: Invitation, user: User) -> Shown:
    """Of those that the person sent, not to whom: that tells of others."""
    shown = {"id": invitation.pk, "class_id": invitation.klass_id, "role": invitation.role}
    shown |= {"status": str(invitation.status), "sent_at": invitation.sent_at, "expires_at": invitation.expires_at}
    if invitation.sent_by_id == user.pk:
        return shown | {"sent_by": "you", "email": "", "name": "", "message": invitation.message}
    about = {"email": invitation.email, "name": invitation.name, "message": invitation.message}
    return shown | {"sent_by": "somebody else"} | about


register(PersonalData(name="memberships", model=Membership, rows=_memberships, show=_membership))
register(PersonalData(name="invitations", model=Invitation, rows=_invitations, show=_invitation))
