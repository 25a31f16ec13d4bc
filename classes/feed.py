"""Classes in the feed: who may follow one, who may see its code, and how events are worded."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.lookups import class_for
from classes.permissions import IsClassTeacher, can_manage_class, roles_in
from tutorarc.api.permissions import IsAdmin
from tutorarc.feed.sentences import tell
from tutorarc.feed.subjects import Shown, Subject, follow_by, hides
from tutorarc.models import Event, User

CODE = "class_code"

follow_by("class_id", Subject(class_for, can_manage_class, IsClassTeacher | IsAdmin))


@hides
def codes_from_people_outside(user: User, events: Sequence[tuple[Event, Shown]]) -> None:
    """A creator who is no longer a member sees the class without its code, as in the list of classes."""
    with_code = [(event, shown) for event, shown in events if CODE in event.data]
    roles = roles_in(user, {event.class_id for event, _ in with_code})
    for event, shown in with_code:
        if event.class_id not in roles:
            shown["data"] = event.data | {CODE: ""}
            shown["changes"] = event.changes | ({CODE: ["", ""]} if CODE in event.changes else {})


def edited(event: Event) -> Promise:
    if "title" in event.changes:
        return _("{actor} renamed the class from {old_title} to {title}")
    return _("{actor} edited the description")


tell(
    {
        "class.created": _("{actor} created the class"),
        "class.updated": edited,
        "class.archived": _("{actor} archived the class"),
        "class.unarchived": _("{actor} restored the class"),
        "class.code_renewed": _("{actor} created a new class code"),
        "class.settings_changed": _("{actor} changed the settings of the class"),
    }
)
