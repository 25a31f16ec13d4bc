"""What accounts, sign-ins, the security log and events hold of a person."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q

from tutorarc.domain.personal_data import PersonalData, Shown, holds_none, register
from tutorarc.models import BulkChange, Event, IdempotentReply, KnownBrowser, LimitCount, Note, SecurityEvent, User
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import EventQuerySet


def _user(person: User, _: User) -> Shown:
    return person.as_shown() | {
        "created_at": person.created_at,
        "last_sign_in_at": person.last_login,
        "has_password": person.has_usable_password(),
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
        "reminder_hours": person.reminder_hours,
        "groups": sorted(person.groups.values_list("name", flat=True)),
    }


def _address(row: EmailAddress, _: User) -> Shown:
    return {"email": row.email, "verified": row.verified, "primary": row.primary}


def _factor(row: Authenticator, _: User) -> Shown:
    """Without keys and codes."""
    name = row.data.get("name", "") if row.type == Authenticator.Type.WEBAUTHN else ""
    return {"type": row.type, "name": name, "created_at": row.created_at, "last_used_at": row.last_used_at}


def _sign_in(row: UserSession, _: User) -> Shown:
    return {
        "browser": row.user_agent,
        "address": row.ip,
        "created_at": row.created_at,
        "last_used_at": row.last_seen_at,
    }


def _provider(row: SocialAccount, _: User) -> Shown:
    """Without what the provider said of the person, which is their profile there."""
    return {"provider": row.provider, "id": row.uid, "created_at": row.date_joined, "last_used_at": row.last_login}


def _browser(row: KnownBrowser, _: User) -> Shown:
    return {"created_at": row.created_at, "last_used_at": row.last_used_at}


def _security_events(user: User) -> Any:
    return SecurityEvent.objects.filter(Q(user=user) | Q(actor=user))


def _security_event(row: SecurityEvent, user: User) -> Shown:
    """Browser and address are not those of others, and details not those of another person's account."""
    is_by_other = row.actor_id not in (None, user.pk)
    return {
        "id": row.pk,
        "kind": row.kind,
        "created_at": row.created_at,
        "user_id": row.user_id,
        "by": "somebody else" if is_by_other else "you" if row.actor_id else None,
        "browser": "" if is_by_other else row.browser,
        "address": "" if is_by_other else row.address,
        "times": row.times,
        "last_at": row.last_at,
        "details": row.details if row.user_id in (None, user.pk) else {},
    }


def _events(user: User) -> EventQuerySet:
    number_events()
    return Event.objects.numbered().filter(Q(user_id=user.pk) | Q(actor_user_id=user.pk))


def _event(row: Event, user: User) -> Shown:
    """Of what the person did to others, only that they did it: the rest tells of the others."""
    is_about = row.user_id == user.pk
    is_actor = row.actor_user_id == user.pk
    return {
        "id": row.pk,
        "type": row.type,
        "created_at": row.created_at,
        "class_id": row.class_id,
        "session_id": row.session_id,
        "user_id": row.user_id,
        "by": "you" if is_actor else "somebody else" if row.actor_user_id else None,
        "key_id": row.actor_key_id if is_actor else None,
        "changes": row.changes if is_about else {},
        "data": row.data if is_about else {},
    }


def _admin_log(user: User) -> Any:
    people = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(Q(user=user) | Q(content_type=people, object_id=user.pk)).select_related(
        "content_type"
    )


def _admin_entry(row: LogEntry, user: User) -> Shown:
    """Without the name of the record, which may be that of another person."""
    return {
        "created_at": row.action_time,
        "by": "you" if row.user_id == user.pk else "somebody else",
        "action": row.get_action_flag_display(),
        "record": row.content_type.model if row.content_type else None,
        "record_id": row.object_id,
    }


def _reply(row: IdempotentReply, _: User) -> Shown:
    """Without the stored answer, which repeats what other files of an export show."""
    return {"key": row.key, "status": row.status, "created_at": row.created_at}


def _bulk_change(row: BulkChange, _: User) -> Shown:
    """Without the people whom it was about."""
    return {
        "label": row.label,
        "total": row.total,
        "changed": row.changed,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


for data in (
    PersonalData(name="account", model=User, rows=lambda user: User.objects.filter(pk=user.pk), show=_user),
    PersonalData(
        name="email_addresses",
        model=EmailAddress,
        rows=lambda user: EmailAddress.objects.filter(user=user),
        show=_address,
    ),
    PersonalData(
        name="second_factors",
        model=Authenticator,
        rows=lambda user: Authenticator.objects.filter(user=user),
        show=_factor,
    ),
    PersonalData(
        name="sign_ins", model=UserSession, rows=lambda user: UserSession.objects.filter(user=user), show=_sign_in
    ),
    PersonalData(
        name="identity_providers",
        model=SocialAccount,
        rows=lambda user: SocialAccount.objects.filter(user=user),
        show=_provider,
    ),
    PersonalData(
        name="known_browsers",
        model=KnownBrowser,
        rows=lambda user: KnownBrowser.objects.filter(user=user),
        show=_browser,
    ),
    PersonalData(name="security_log", model=SecurityEvent, rows=_security_events, show=_security_event),
    PersonalData(name="admin_log", model=LogEntry, rows=_admin_log, show=_admin_entry),
    PersonalData(name="events", model=Event, rows=_events, show=_event),
    PersonalData(
        name="idempotent_replies",
        model=IdempotentReply,
        rows=lambda user: IdempotentReply.objects.filter(user=user),
        show=_reply,
    ),
    PersonalData(
        name="bulk_changes", model=BulkChange, rows=lambda user: BulkChange.objects.filter(by=user), show=_bulk_change
    ),
    PersonalData(name="notes", model=Note, not_exported="Written by staff for staff alone. Ask them to see it."),
    PersonalData(name="sessions", model=Session, not_exported="Its key and content are secret; sign_ins lists them."),
    PersonalData(name="limits", model=LimitCount, not_exported="Counters for a digest of the caller."),
):
    register(data)

holds_none("Names of rights and of groups of staff.", Group, Permission, ContentType)
holds_none("Not used: no code writes rows.", EmailConfirmation, SocialApp, SocialToken)
