"""Removes what accounts, events and the security log hold of a person whose account is deleted."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from tutorarc.db.ids import to_uuid
from tutorarc.domain.erasure import DELETED_NAME, Identity, Leaver, blank_texts, end_of, erasing, next_batch
from tutorarc.domain.events import SYSTEM, change
from tutorarc.models.bulk_change import BulkChange
from tutorarc.models.event import Event, number_events
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.models.known_browser import KnownBrowser
from tutorarc.models.note import Note
from tutorarc.models.security_event import SecurityEvent
from tutorarc.models.signals import people_renamed
from tutorarc.models.user import User

NAMING = ("email", "display_name", "external_id")
MAX_FORMER = 1_000  # events that are looked through for former names
TOGETHER = 100
# Details of security events that name their person, or something of theirs.
PERSONAL_DETAILS = ("previous_email", "name", "host", "file")
NOT_SEEN = {"address": "", "browser": "", "request_id": ""}


def identity_of(user: User) -> Identity:
    """What names the person, now and before, as far as the events of their account tell."""
    found: dict[str, list[Any]] = {name: [getattr(user, name)] for name in NAMING}
    events = Event.objects.about([to_uuid("usr", user.pk)])
    for changes in events.values_list("changes", flat=True)[:MAX_FORMER]:
        for name in NAMING:
            found[name] += [value for value in changes.get(name, []) if isinstance(value, str)]
    addresses = [address for address in found["email"] if address != user.stand_in]
    return Identity.of([*found["display_name"], *found["external_id"]], addresses)


@transaction.atomic
def erase_account(pk: str) -> User:
    """Remove name, address and id from the row of a closed account, and from its events.

    Its last event says what the account is called now, and nothing of before.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=pk)
    number_events()  # those that were written until the row was locked
    values: dict[str, Any] = {
        "email": user.stand_in,
        "display_name": DELETED_NAME,
        "external_id": None,
        "time_zone": "",
    }
    Event.objects.about([to_uuid("usr", pk)]).blank(values)
    change(user, SYSTEM, verb="erase", old={}, **values, email_set_by_id=None, password_set_by_id=None)
    people_renamed.send(User, people=[user])
    return user


@erasing("ways to sign in")
def erase_ways_to_sign_in(leaver: Leaver, _after: str) -> str:
    own: Any = UserSession.objects.filter(user=leaver.user)
    for one in own:
        one.end()
    models: list[Any] = [UserSession, Authenticator, EmailAddress, SocialAccount, KnownBrowser, IdempotentReply]
    for model in models:
        model.objects.filter(user=leaver.user).delete()
    return ""


@erasing("changes of many people")
def erase_from_bulk_changes(leaver: Leaver, after: str) -> str:
    """Why this person could not be changed."""
    changes = next_batch(BulkChange.objects.all(), after, TOGETHER)
    for one in changes:
        kept = [[key, "" if key == leaver.user.pk else leaver.identity.blanked(why)] for key, why in one.refused]
        if kept != one.refused:
            BulkChange.objects.filter(pk=one.pk).update(refused=kept)
    return end_of(changes, TOGETHER)


@erasing("notes of staff")
def erase_from_notes(leaver: Leaver, after: str) -> str:
    """Those on the person are deleted. In others, also in those by the person, the name is removed."""
    Note.objects.filter(person=leaver.user).delete()
    return blank_texts(Note.objects.all(), ("text",), leaver, after, TOGETHER)


@erasing("log of the admin site")
def erase_from_admin_log(leaver: Leaver, after: str) -> str:
    """Django's own log names each record that staff saved."""
    people = ContentType.objects.get_for_model(User)
    entries = next_batch(LogEntry.objects.all(), after, 10 * TOGETHER)
    for entry in entries:
        is_own = entry.content_type_id == people.pk and entry.object_id == leaver.user.pk
        name = DELETED_NAME if is_own else leaver.identity.blanked(entry.object_repr)
        message = leaver.identity.blanked(entry.change_message)
        if (name, message) != (entry.object_repr, entry.change_message):
            LogEntry.objects.filter(pk=entry.pk).update(object_repr=name, change_message=message)
    return end_of(entries, 10 * TOGETHER)


@erasing("security log", order=1)  # after the steps that write to it
def erase_from_security_log(leaver: Leaver, after: str) -> str:
    """Who did what stays. Browsers and addresses of others, such as of staff who changed the account, stay too."""
    user = leaver.user
    events = next_batch(SecurityEvent.objects.filter(Q(user=user) | Q(actor=user)), after, TOGETHER)
    own = [event.pk for event in events if event.actor_id in (None, user.pk)]
    SecurityEvent.objects.filter(pk__in=own).update(**NOT_SEEN)
    for event in events:
        kept = {name: value for name, value in event.details.items() if not _is_personal(event, name, user)}
        if (kept := leaver.identity.blanked(kept)) != event.details:
            SecurityEvent.objects.filter(pk=event.pk).update(details=kept)
    return end_of(events, TOGETHER)


def _is_personal(event: SecurityEvent, name: str, user: User) -> bool:
    return name in PERSONAL_DETAILS and user.pk in (event.user_id, event.actor_id)
