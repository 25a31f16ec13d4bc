"""What staff may not do with memberships in the admin site, where the rights of staff reach every class.

Superusers may do everything. The REST API has rules of its own, by class role.
"""

from classes.roles import ClassRole
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.models import User

# Changes that let a person into a class or give them more there, as an import names them.
GIVES_A_PLACE = frozenset({"enrol", "approve", "reopen", "make teacher"})


class OwnMembership(Conflict):
    reason = "own_membership"
    message = "You can't make yourself a member of a class. Ask another member of staff, or a teacher of the class."


class TeachesClasses(Conflict):
    reason = "teaches_classes"
    message = (
        "This person teaches a class, so only a superuser may set their password or address, or make a one-time link. "
        "“Invite” mails them a link to set a password."
    )


def refuse_place(person: User, role: str, by: Actor) -> None:
    """Raises OwnMembership for staff themselves, and User.AccessFromYou for a teacher as whom they could sign in."""
    if by.user == person and not person.is_superuser:
        raise OwnMembership()
    if role == ClassRole.TEACHER:
        person.refuse_teacher_role(by)
