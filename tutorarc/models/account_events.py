"""Security events of accounts. They follow from the events of people, so that no verb can forget them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.dispatch import receiver

from tutorarc.domain.events import Actor, events_recorded
from tutorarc.models.security_event import Detail, SecurityEvent, SecurityEventKind
from tutorarc.models.signals import people_gain_rights
from tutorarc.models.user import User

FLAGS = {"is_staff": "staff", "is_superuser": "superuser"}
RIGHTS = ("global_role", *FLAGS)
# Each role includes those before it.
ROLES = [User.GlobalRole.TEACHER, User.GlobalRole.ADMIN]
ROLES_IN = {role: ROLES[: index + 1] for index, role in enumerate(ROLES)}
Event = tuple[SecurityEventKind, dict[str, Detail]]


@receiver(events_recorded, sender=User)
def record_account_events(rows: Sequence[User], by: Actor, verb: str, **_: Any) -> None:
    """One statement for each kind of event, for any number of people."""
    if verb not in EVENTS:
        return
    via = None if by.user else "command"
    found = [(kind, user, details | {"via": via}) for user in rows for kind, details in EVENTS[verb](user, by)]
    for kind in dict.fromkeys(kind for kind, _, _ in found):
        about = [(user, details) for of_kind, user, details in found if of_kind == kind]
        SecurityEvent.objects.record_each(kind, about, by)


def _after_create(user: User, _: Actor) -> Iterator[Event]:
    yield from _changes_of_rights({}, user)


def _after_edit(user: User, _: Actor) -> Iterator[Event]:
    before = user.values_before
    if "email" in before:
        yield SecurityEventKind.EMAIL_CHANGED, {"previous_email": before["email"]}
    if "is_active" in before:
        yield SecurityEventKind.ACCOUNT_ACTIVATED if user.is_active else SecurityEventKind.ACCOUNT_DEACTIVATED, {}
    yield from _changes_of_rights({**_values(user), **before}, user)


def _after_close(user: User, _: Actor) -> Iterator[Event]:
    yield SecurityEventKind.ACCOUNT_DELETED, {}
    yield from _changes_of_rights({**_values(user), **user.values_before}, user)


def _after_password(user: User, by: Actor) -> Iterator[Event]:
    yield SecurityEventKind.PASSWORD_CHANGED if by.user == user else SecurityEventKind.PASSWORD_SET_BY_OTHER, {}


def _after_link(_: User, __: Actor) -> Iterator[Event]:
    yield SecurityEventKind.PASSWORD_LINK_MADE, {}


@receiver(people_gain_rights)
def record_ended_sign_ins(people: Sequence[User], by: Actor, **_: Any) -> None:
    """What others made for a person ends when the person gains rights, and so do all sign-ins."""
    about: list[tuple[User, dict[str, Detail]]] = [(user, {"reason": "rights given"}) for user in people]
    SecurityEvent.objects.record_each(SecurityEventKind.SESSIONS_ENDED, about, by)


EVENTS: dict[str, Callable[[User, Actor], Iterator[Event]]] = {
    "create": _after_create,
    "edit": _after_edit,
    "close": _after_close,
    "set_password": _after_password,
    "make_password_link": _after_link,
}


def _changes_of_rights(before: Mapping[str, Any], user: User) -> Iterator[Event]:
    had, has = _rights(before), _rights(_values(user))
    if given := sorted(has - had):
        yield SecurityEventKind.RIGHTS_GIVEN, {"given": given}
    if taken := sorted(had - has):
        yield SecurityEventKind.RIGHTS_TAKEN, {"taken": taken}


def _values(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in RIGHTS}


def _rights(values: Mapping[str, Any]) -> set[str]:
    roles = {f"role {role}" for role in ROLES_IN.get(values.get("global_role", ""), [])}
    return roles | {right for field, right in FLAGS.items() if values.get(field)}
