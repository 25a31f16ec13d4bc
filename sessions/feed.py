"""Live sessions in the feed: who may follow one, who may see the teacher's link, and how events are worded."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.permissions import roles_in
from classes.roles import ClassRole
from sessions.lookups import session_for
from sessions.permissions import MayChange, may_change
from tutorarc.feed.sentences import tell
from tutorarc.feed.subjects import Shown, Subject, follow_by, hides
from tutorarc.models import Event, User

LINK = "teacherLink"

follow_by("session_id", Subject(session_for, may_change, MayChange))


@hides
def teacher_links_from_others(user: User, events: Sequence[tuple[Event, Shown]]) -> None:
    """Those who may not change the session, such as a creator who is no longer a teacher of its class."""
    with_link = [(event, shown) for event, shown in events if event.data.get(LINK)]
    roles = roles_in(user, {event.class_id for event, _ in with_link})
    for event, shown in with_link:
        is_own = event.class_id is None and event.session_owner_id == user.pk
        if not is_own and roles.get(event.class_id) != ClassRole.TEACHER:
            shown["data"] = event.data | {LINK: None}


def changed(event: Event) -> Promise:
    if "startTime" in event.changes:
        return _("{actor} moved the lesson {title}")
    return _("{actor} edited the lesson {title}")


def ended(event: Event) -> Promise:
    """Some lessons are ended by a person, others by the clock."""
    return _("{actor} ended the lesson {title}") if event.actor_user_id else _("The lesson {title} ended")


def attended(event: Event) -> Promise:
    """Students arrive, and teachers mark them."""
    if "arrivedAt" in event.changes:
        return _("{person} arrived at a lesson")
    return _("{actor} marked the attendance of {person}")


tell(
    {
        "session.scheduled": _("{actor} scheduled the lesson {title}"),
        "session.rescheduled": changed,
        "session.cancelled": _("{actor} cancelled the lesson {title}"),
        "session.started": _("The lesson {title} started"),
        "session.ended": ended,
        "session.attendance_changed": attended,
    }
)
