"""How the events of memberships and invitations are worded, and who reads the invited addresses."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.permissions import roles_in
from classes.roles import ClassRole
from tutorarc.feed.sentences import tell
from tutorarc.feed.subjects import Shown, hides
from tutorarc.models import Event, User


def enrolled(event: Event) -> Promise:
    if event.detail == "found":
        return _("{person} became the first teacher")
    if event.data.get("role") == ClassRole.TEACHER:
        return _("{actor} added {person} as a teacher")
    return _("{actor} added {person}")


def role_changed(event: Event) -> Promise:
    if event.data.get("role") == ClassRole.TEACHER:
        return _("{actor} made {person} a teacher")
    return _("{actor} made {person} a student")


def invited(event: Event) -> Promise:
    if event.data.get("role") == ClassRole.TEACHER:
        return _("{actor} invited {email} as a teacher")
    return _("{actor} invited {email}")


@hides
def addresses_from_people_outside(user: User, events: Sequence[tuple[Event, Shown]]) -> None:
    """Only teachers of the class see whom it invited, and not its creator who no longer is one."""
    invitations = [(event, shown) for event, shown in events if event.kind == "invitation"]
    roles = roles_in(user, {event.class_id for event, _ in invitations})
    for event, shown in invitations:
        if roles.get(event.class_id) != ClassRole.TEACHER:
            shown["data"] = event.data | {"email": ""}


tell(
    {
        "membership.requested": _("{person} asked to join"),
        "membership.withdrawn": _("{person} withdrew the request to join"),
        "membership.enrolled": enrolled,
        "membership.approved": _("{actor} approved {person}"),
        "membership.rejected": _("{actor} declined the request of {person}"),
        "membership.removed": _("{actor} removed {person}"),
        "membership.left": _("{person} left the class"),
        "membership.reopened": _("{actor} put {person} back among the join requests"),
        "membership.role_changed": role_changed,
        "membership.invited_accepted": _("{person} joined by invitation"),
        "invitation.sent": invited,
        "invitation.accepted": _("{person} accepted the invitation to {email}"),
        "invitation.declined": _("{email} declined the invitation"),
        "invitation.revoked": _("{actor} revoked the invitation of {email}"),
    }
)
