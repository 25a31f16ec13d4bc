"""What the feed knows of the apps whose events it shows. They register it, because they are above the feed."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tutorarc.api.permissions import PermissionClass
from tutorarc.models import Event, User

Shown = dict[str, Any]
Hide = Callable[[User, Sequence[tuple[Event, Shown]]], None]


class Subject(NamedTuple):
    """A kind of object whose events can be followed, such as a class."""

    find: Callable[[User, str], Any]  # raises Http404
    may_follow: Callable[[User, Any], bool]
    permission: PermissionClass  # the same rule, for the words and the reason of a refusal


SUBJECTS: dict[str, Subject] = {}  # by the query parameter that names one
_hide: list[Hide] = []


def follow_by(parameter: str, subject: Subject) -> None:
    """Let `GET /events` and webhooks take the id of such an object."""
    SUBJECTS[parameter] = subject


def hides(function: Hide) -> Hide:
    """Register a function that takes out of events what the user may not read, in a constant number of statements.

    It gets each event with its representation, and changes the latter.
    """
    _hide.append(function)
    return function


def represent(events: Sequence[Event], user: User) -> list[Shown]:
    """The events as the API shows them to this user (docs/contract.md, "Events")."""
    shown = [_represent(event) for event in events]
    for hide in _hide if shown and not user.is_admin else ():
        hide(user, list(zip(events, shown, strict=True)))
    return shown


def _represent(event: Event) -> Shown:
    return {
        "id": event.pk,
        "type": event.type,
        "created_at": event.created_at,
        "class_id": event.class_id,
        "session_id": event.session_id,
        "user_id": event.user_id,
        "actor": {"user_id": event.actor_user_id, "key_id": event.actor_key_id},
        "from_status": event.from_status or None,
        "changes": event.changes,
        "data": event.data,
    }
