"""Live sessions in the feed: who may follow one, and who may see the teacher's link."""

from collections.abc import Sequence

from classes.permissions import roles_in
from classes.roles import ClassRole
from sessions.lookups import session_for
from sessions.permissions import MayChange, may_change
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
