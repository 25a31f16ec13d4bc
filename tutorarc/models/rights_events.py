"""Security events of groups and permissions that people or groups get or lose.

They come from Django's many-to-many signals, so that it doesn't matter which code gives or takes them.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.db.models.signals import m2m_changed

from tutorarc.domain.events import SYSTEM
from tutorarc.models.security_event import Detail, SecurityEvent, SecurityEventKind
from tutorarc.models.user import User

GIVEN = (SecurityEventKind.RIGHTS_GIVEN, "given")
TAKEN = (SecurityEventKind.RIGHTS_TAKEN, "taken")
ACTIONS = {"post_add": GIVEN, "post_remove": TAKEN, "pre_clear": TAKEN}
# The table of a relation, and its names: of what is given, and of those who have it.
RELATIONS = {
    User.groups.through: ("groups", "user_set"),
    User.user_permissions.through: ("user_permissions", "user_set"),
    Group.permissions.through: ("permissions", "group_set"),
}


def record_rights(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: Collection[Any] | None, **_: Any
) -> None:
    """Without `pk_set`, all are about to be removed. `rights_given_by` is set by the code that knows the actor."""
    if action not in ACTIONS or (pk_set is not None and not pk_set):
        return
    related = getattr(instance, RELATIONS[sender][reverse])
    others = list(related.all() if pk_set is None else related.model._base_manager.filter(pk__in=pk_set))
    holders, things = (others, [instance]) if reverse else ([instance], others)
    kind, detail = ACTIONS[action]
    names = sorted(_name(thing) for thing in things)
    by = getattr(instance, "rights_given_by", SYSTEM)
    if holders and names:
        SecurityEvent.objects.record_each(kind, [_about(holder, {detail: names}) for holder in holders], by)


def _about(holder: Model, details: dict[str, Detail]) -> tuple[User | None, dict[str, Detail]]:
    """Rights of a group are those of everyone in it: the event is about no single person."""
    return (holder, details) if isinstance(holder, User) else (None, details | {"group": str(holder)})


def _name(thing: Model) -> str:
    if isinstance(thing, Permission):
        return f"permission {thing.content_type.app_label}.{thing.codename}"
    return f"group {thing}"


for _through in RELATIONS:
    m2m_changed.connect(record_rights, sender=_through)
