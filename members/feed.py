"""How the events of memberships are worded."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.roles import ClassRole
from tutorarc.feed.sentences import tell
from tutorarc.models import Event


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
    }
)
