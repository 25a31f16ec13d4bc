"""Mail to the owner of an account about changes that an intruder would make (docs/security.md, "Mail to the owner")."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from tutorarc.domain import caller
from tutorarc.domain.user_agent import short_name
from tutorarc.http.reader_zone import zone_named
from tutorarc.mail.isolation import isolated
from tutorarc.mail.outgoing import Mail, queue, sends_mail
from tutorarc.mail.times import moment_in_words
from tutorarc.models import SecurityEvent, SecurityEventKind, User
from tutorarc.models.signals import security_event_recorded, signed_in_with_new_browser

TEMPLATE = "mail/security.txt"
HOUR = 3600
MAX_MAILS_AN_HOUR = 20  # for each person, so that nobody can flood a mailbox
CONSOLE = "django.core.mail.backends.console.EmailBackend"

Kind = SecurityEventKind
# Subject, and a sentence that may name details of the event.
NOTICES: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    Kind.PASSWORD_CHANGED: (_("Your password was changed"), _("Your password was changed.")),
    Kind.PASSWORD_SET_BY_OTHER: (_("Your password was changed"), _("A new password was set for your account.")),
    Kind.PASSWORD_LINK_MADE: (
        _("A link to set your password was created"),
        _("A one-time link was created, with which a new password can be set for your account."),
    ),
    Kind.EMAIL_CHANGED: (_("Your e-mail address was changed"), _("Your account now has the e-mail address {email}.")),
    Kind.FACTOR_ADDED: (_("A way to sign in was added"), _("A second factor was added to your account: {factor}.")),
    Kind.FACTOR_REMOVED: (
        _("A way to sign in was removed"),
        _("A second factor was removed from your account: {factor}."),
    ),
    Kind.API_KEY_MADE: (_("An API key was created"), _("An API key was created, or got a new secret. It acts as you.")),
    Kind.WEBHOOK_MADE: (_("A webhook was created"), _("A webhook now sends what happens in your classes to {host}.")),
    Kind.WEBHOOK_MOVED: (
        _("The URL of a webhook was changed"),
        _("The URL of a webhook was changed. It now sends what happens in your classes to {host}."),
    ),
    Kind.DATA_DOWNLOADED: (_("Your data was downloaded"), _("A file with all data of your account was downloaded.")),
    Kind.WEBHOOK_ROTATED: (_("A webhook got a new secret"), _("The webhook that sends to {host} got a new secret.")),
}
FACTORS = {
    "webauthn": _("a passkey"),
    "totp": _("an authenticator app"),
    "recovery_codes": _("recovery codes"),
    "all": _("all passkeys and codes"),
}
NEW_BROWSER = (_("Sign-in from a new browser"), _("You signed in with a browser that you had not used here before."))


class Cause(NamedTuple):
    """When, and with which browser and from which address. The last two are empty if the owner didn't do it."""

    at: datetime
    browser: str = ""
    address: str = ""
    by: str = ""


@receiver(security_event_recorded)
def mail_about_event(event: SecurityEvent, **signal: Any) -> None:
    if event.kind in NOTICES and event.user is not None:
        _queue(event.user, *NOTICES[event.kind], _cause(event), event.details)


@receiver(signed_in_with_new_browser)
def mail_about_new_browser(user: User, **signal: Any) -> None:
    sent_by = caller.current.get()
    cause = Cause(timezone.now(), short_name(sent_by.user_agent), sent_by.address)
    _queue(user, *NEW_BROWSER, cause, {})


def _cause(event: SecurityEvent) -> Cause:
    """Staff stay unnamed: their names, browsers and addresses are not for everybody."""
    if event.actor_id == event.user_id:
        return Cause(event.created_at, event.browser, event.address)
    return Cause(
        event.created_at,
        by=gettext("the staff of your school") if event.actor_id else gettext("a command on the server"),
    )


def _queue(user: User, subject: StrOrPromise, sentence: StrOrPromise, cause: Cause, details: dict[str, Any]) -> None:
    """Queue the mail in the transaction that it tells of."""
    if not sends_mail() or _is_for_nobody() or not _may_get_mail(user):
        return
    factor = FACTORS.get(details.get("factor", ""), _("a code"))
    named = {"email": user.email, "factor": factor, "host": details.get("host", "")}
    context = {
        "name": isolated(user.display_name),
        "what": str(sentence).format_map(named),
        "when": _in_zone_of(user, cause.at),
        "cause": cause,
        "site": settings.PUBLIC_URL,
        "is_address_new": "previous_email" in details,  # then the person can't choose a new password by mail
    }
    text = render_to_string(TEMPLATE, context)
    queue(*(Mail(to=address, subject=f"TutorArc: {subject}", text=text) for address in _recipients(user, details)))


def _in_zone_of(user: User, moment: datetime) -> str:
    with timezone.override(zone_named(user.time_zone)):
        return moment_in_words(moment)


def _recipients(user: User, details: dict[str, Any]) -> Iterator[str]:
    """The person's address, and the one before if it was changed."""
    yield user.email
    if former := details.get("previous_email"):
        yield former


def _may_get_mail(user: User) -> bool:
    hour = int(time.time()) // HOUR
    key = f"security-mail:{user.pk}:{hour}"
    cache.add(key, 0, timeout=HOUR)
    with suppress(ValueError):  # the cache has lost the number
        return cache.incr(key) <= MAX_MAILS_AN_HOUR
    return True


def _is_for_nobody() -> bool:
    """Whether a command would write the mail into its own output."""
    return settings.EMAIL_BACKEND == CONSOLE and not caller.current.get().request_id
