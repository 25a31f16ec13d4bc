"""What the page to invite people does with a list of addresses, by several verbs of the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from classes.models import Class
from members.invitations.limits import count_invitations
from members.models import Invitation, Membership
from members.models.invitation_queryset import Guest
from members.page_verbs import let_in
from tutorarc.domain.events import Actor
from tutorarc.models import User


@dataclass
class Outcome:
    """What became of the addresses. Only people whom the teacher knows are named."""

    invited: list[Invitation] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    already_in: list[str] = field(default_factory=list)
    cannot_teach: list[str] = field(default_factory=list)
    no_seat: list[str] = field(default_factory=list)


def invite_people(klass: Class, guests: Sequence[Guest], role: str, by: Actor, *, message: str, site: str) -> Outcome:
    """People from classes that the actor teaches come in at once, and requests are approved. Others are invited.

    Whoever is no such person is treated as one without an account. Raises Class.Archived and Throttled.
    """
    outcome, emails = Outcome(), [guest.email for guest in guests]
    known = {user.email: user for user in Membership.objects.people_to_enrol(klass, by.person, role, email__in=emails)}
    strangers = [guest for guest in guests if guest.email not in known]
    if strangers:
        count_invitations(by.person, len(strangers))
        outcome.invited = Invitation.objects.send(klass, strangers, role, by, message=message, site=site)
    for user in known.values():
        _let_in(klass, user, role, by, outcome)
    return outcome


def _let_in(klass: Class, user: User, role: str, by: Actor, outcome: Outcome) -> None:
    try:
        let_in(klass, user, role, by, user.email)
    except Membership.AlreadyOnRecord:
        outcome.already_in.append(user.display_name)
    except Membership.StudentCannotTeach:
        outcome.cannot_teach.append(user.display_name)
    except Class.Full:
        outcome.no_seat.append(user.display_name)
    else:
        outcome.let_in.append(user.display_name)
