"""The security log: sign-ins, passwords, keys, rights, exports and what was refused, as rows and as JSON lines."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from tutorarc.db.ids import IdDateTimeField, TypeIDField, first_id_from
from tutorarc.domain import caller
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.redaction import redact
from tutorarc.domain.user_agent import short_name
from tutorarc.models.signals import security_event_recorded

log = logging.getLogger("tutorarc.security")
COUNTED_TOGETHER = timedelta(hours=1)
MAX_ROWS_AN_HOUR = 1_000  # of each kind that strangers can cause as often as they like
MAX_TEXT_LENGTH = 200
MAX_TEXTS = 50
MAX_ADDRESS_LENGTH = 45
PREFIX = "sec"

Detail = str | int | bool | None | Iterable[str]


class SecurityEventKind(models.TextChoices):
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", _("Signed in")
    SIGN_IN_FAILED = "sign_in.failed", _("Failed sign-in")
    SIGN_IN_LIMITED = "sign_in.limited", _("Sign-in refused after too many failures")
    SIGN_OUT = "sign_out", _("Signed out")
    SESSIONS_ENDED = "sessions.ended", _("Sessions ended")
    PASSWORD_CHANGED = "password.changed", _("Password changed")
    PASSWORD_SET_BY_OTHER = "password.set_by_other", _("Password set by somebody else")
    PASSWORD_LINK_MADE = "password_link.made", _("Password link made")
    PASSWORD_LINK_REQUESTED = "password_link.requested", _("Password link requested")
    PASSWORD_LINK_USED = "password_link.used", _("Password link used")
    EMAIL_CHANGED = "email.changed", _("E-mail address changed")
    FACTOR_ADDED = "factor.added", _("Second factor added")
    FACTOR_REMOVED = "factor.removed", _("Second factor removed")
    API_KEY_MADE = "api_key.made", _("API key created")
    API_KEY_ROTATED = "api_key.rotated", _("API key rotated")
    API_KEY_REVOKED = "api_key.revoked", _("API key revoked")
    WEBHOOK_MADE = "webhook.made", _("Webhook created")
    WEBHOOK_CHANGED = "webhook.changed", _("Webhook changed")
    WEBHOOK_MOVED = "webhook.moved", _("URL of a webhook changed")
    WEBHOOK_ROTATED = "webhook.rotated", _("Secret of a webhook rotated")
    WEBHOOK_DELETED = "webhook.deleted", _("Webhook deleted")
    EXPORT = "export", _("CSV export")
    IMPORT = "import", _("CSV import")
    DATA_EXPORTED = "data.exported", _("Export of personal data requested")
    DATA_DOWNLOADED = "data.downloaded", _("Export of personal data downloaded")
    RIGHTS_GIVEN = "rights.given", _("Rights given")
    RIGHTS_TAKEN = "rights.taken", _("Rights taken away")
    ACCOUNT_DEACTIVATED = "account.deactivated", _("Account deactivated")
    ACCOUNT_ACTIVATED = "account.activated", _("Account activated")
    ACCOUNT_DELETED = "account.deleted", _("Account deleted")
    ADMIN_REFUSED = "admin.refused", _("Admin page refused")


# Names of the details that events may have. None may ever hold a secret, a request's body or its query string.
DETAILS = frozenset(
    {
        *("method", "reason", "via", "page", "record", "factor", "name", "previous_email", "ended"),
        *("api_key", "scopes", "expires_at"),  # of keys; `api_key` is an id
        *("webhook", "host", "state"),  # of webhooks; `webhook` is an id
        *("given", "taken", "group"),
        *("records", "rows", "added", "changed", "complete", "file", "import_id"),
    }
)


def kinds() -> list[tuple[str, StrOrPromise]]:
    """The choices of `SecurityEvent.kind`. A function, so that a new kind needs no migration."""
    return list(SecurityEventKind.choices)


class SecurityEventQuerySet(models.QuerySet["SecurityEvent"]):
    def record(
        self, kind: SecurityEventKind, *, user: Any = None, by: Actor = SYSTEM, **details: Detail
    ) -> "SecurityEvent":
        """Record an event: what happened to `user` (or their id), by whom.

        Address, browser and request id come from the request. The row is part of the transaction in progress, and so
        is what receivers of `security_event_recorded` write. After its commit the event is logged. Raises TypeError
        for a detail that is not in DETAILS.
        """
        event = self._new(kind, user, by, details)
        with transaction.atomic(savepoint=False):
            event.save()
            event.announce()
        return event

    def record_each(self, kind: SecurityEventKind, about: Iterable[tuple[Any, dict[str, Detail]]], by: Actor) -> None:
        """Like `record` for each user with details, in one statement."""
        events = [self._new(kind, user, by, details) for user, details in about]
        with transaction.atomic(savepoint=False):
            for event in self.bulk_create(events):
                event.announce()

    def record_counted(
        self, kind: SecurityEventKind, *, user: Any = None, by: Actor = SYSTEM, **details: Detail
    ) -> "SecurityEvent":
        """Like `record`, for what strangers can cause as often as they like, so that they can't fill the table.

        Within an hour the same event is one row that counts (`times`, `last_at`): of the same kind, with the same
        user, address and details. After MAX_ROWS_AN_HOUR rows of a kind, all others are counted in one row without
        user and address. Each event is logged. Call it outside of a transaction that may roll back.

        The first event costs as many statements as the next ones: otherwise the time of a failed sign-in would show
        which addresses have an account, since all attempts with unknown addresses are one event.
        """
        event = self._new(kind, user, by, details)
        recent = self.filter(kind=kind, pk__gte=first_id_from(PREFIX, timezone.now() - COUNTED_TOGETHER))
        same = recent.filter(user=user, address=event.address, details=event.details).values_list("pk", flat=True)
        known, number = same.first(), recent.count()
        if known:
            self.filter(pk=known).count_one_more()
        elif number < MAX_ROWS_AN_HOUR:
            event.save()
        elif not recent.filter(user=None, address="").count_one_more():
            SecurityEvent(kind=kind).save()
        event.announce()
        return event

    def count_one_more(self) -> int:
        return self.update(times=models.F("times") + 1, last_at=timezone.now())

    def expired(self) -> "SecurityEventQuerySet":
        """Events that are older than TUTORARC_KEEP_SECURITY_LOG."""
        return self.filter(pk__lt=first_id_from(PREFIX, timezone.now() - settings.KEEP_SECURITY_LOG))

    def _new(self, kind: SecurityEventKind, user: Any, by: Actor, details: dict[str, Detail]) -> "SecurityEvent":
        sent_by = caller.current.get()
        about = {"user_id": user} if isinstance(user, str) else {"user": user}
        return SecurityEvent(
            **about,
            kind=kind,
            actor=by.user,
            credential=by.key.pk if by.key else None,
            address=sent_by.address[:MAX_ADDRESS_LENGTH],
            browser=short_name(sent_by.user_agent),
            request_id=sent_by.request_id,
            details=clean_details(details),
        )


class SecurityEvent(ChangedByVerbs):
    """One event of the security log. Rows are inserted and, once they expire, deleted by `prune`."""

    id = TypeIDField(PREFIX, primary_key=True)
    created_at = IdDateTimeField()
    kind = models.CharField(max_length=40, choices=kinds)
    # Without a constraint in the database, so that an insert locks no row: people are never deleted.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="security_events",
        verbose_name="person",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name="by",
    )
    credential = TypeIDField("key", null=True, editable=False)
    address = models.CharField(max_length=MAX_ADDRESS_LENGTH, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    details = models.JSONField(default=dict)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(null=True)

    objects = SecurityEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ["view"]
        indexes = [
            models.Index(fields=[name, "id"], name=f"security_events_by_{name}")
            for name in ("user", "actor", "kind", "address")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.created_at:%Y-%m-%d %H:%M}"

    def announce(self) -> None:
        """Send the signal, and log the event after the transaction in progress."""
        security_event_recorded.send(SecurityEvent, event=self)
        transaction.on_commit(self._log, robust=True)

    def _log(self) -> None:
        fields = {
            "event": self.kind,
            "user": self.user_id,
            "actor": self.actor_id,
            "key": self.credential,
            "address": self.address,
            "browser": self.browser,
            "details": self.details,
        }
        log.info("security event", extra={"context": fields})


def clean_details(details: dict[str, Detail]) -> dict[str, Any]:
    """The details as they are stored: texts cut, without keys and tokens; iterables as lists; None left out.

    Raises TypeError for an unknown name.
    """
    if unknown := details.keys() - DETAILS:
        raise TypeError(f"Security events have no details {sorted(unknown)}: see DETAILS.")
    return {name: _plain(value) for name, value in details.items() if value is not None}


def _plain(value: str | int | bool | Iterable[str]) -> Any:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return redact(value)[:MAX_TEXT_LENGTH]
    return [redact(str(item))[:MAX_TEXT_LENGTH] for item in value][:MAX_TEXTS]
