"""Endpoints: addresses to which the events that their owner may see are sent."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain import encryption
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.domain.text_fields import LineField
from tutorarc.models import SecurityEvent, SecurityEventKind, User
from tutorarc.models.signals import webhook_failing
from tutorarc.webhooks.addresses import MAX_URL_LENGTH, validate_url
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.event_types import known_types
from tutorarc.webhooks.models.endpoint_queryset import MAX_ENDPOINTS, EndpointQuerySet
from tutorarc.webhooks.retries import EARLY_RETRY, FAILING_LIMIT, MAX_RETRY_AFTER
from tutorarc.webhooks.secrets import new_secret

# What enabling and another URL forget: how the attempts so far went.
NO_FAILURES: dict[str, Any] = {"failing_since": None, "paused_until": None, "told_at": None}


class Endpoint(ChangedByVerbs):
    """An address of an integrator. Deliveries to one endpoint are made one after the other."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE"
        DISABLED = "DISABLED"

    class DisabledReason(models.TextChoices):
        """Why an endpoint is disabled."""

        OWNER = "OWNER", "Disabled by its owner."
        STAFF = "STAFF", "Disabled by the staff of the site."
        GONE = "GONE", "It answered 410 Gone, which asks for no more events."
        FAILING = "FAILING", f"Every delivery failed for {FAILING_LIMIT.days} days."
        OWNER_GAINED_RIGHTS = "OWNER_GAINED_RIGHTS", "Its owner got more rights. Check the URL, then enable it again."

    class TooMany(Conflict):
        reason = "too_many_webhooks"
        message = f"A person can have at most {MAX_ENDPOINTS} webhooks. Delete one first."

    class Disabled(Conflict):
        reason = "webhook_disabled"
        message = "This webhook is disabled. Enable it first."

    id = TypeIDField("whk", primary_key=True)
    created_at = IdDateTimeField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="webhooks", db_index=False)
    url = models.CharField("URL", max_length=MAX_URL_LENGTH, validators=[validate_url])
    event_types = models.JSONField(default=list, blank=True, validators=[known_types], help_text="Empty: all.")
    description = LineField(max_length=200, blank=True)
    class_id = TypeIDField("cls", null=True, blank=True, help_text="Only events of this class. Empty: see the owner.")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    disabled_reason = models.CharField(max_length=20, choices=DisabledReason, blank=True, default="", editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    secret = models.TextField(editable=False)  # encrypted, as the next one
    former_secret = models.TextField(blank=True, default="", editable=False)
    former_secret_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)  # the first failure after the last success
    paused_until = models.DateTimeField(null=True, editable=False)  # by Retry-After
    told_at = models.DateTimeField(null=True, editable=False)  # when the owner was told of a delivery that failed
    leased_until = models.DateTimeField(null=True, editable=False)  # later than now: something is being sent to it

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook"
        default_permissions = ("view", "change")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="webhook_state_is_known", condition=Q(state__in=["ACTIVE", "DISABLED"])),
        ]
        indexes = [
            models.Index(fields=["owner", "id"], name="webhooks_of_an_owner"),
            models.Index(fields=["class_id"], condition=Q(class_id__isnull=False), name="webhooks_of_a_class"),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def is_failing(self) -> bool:
        """Whether the last attempt failed."""
        return self.failing_since is not None

    @property
    def rotates_until(self) -> datetime | None:
        """Until when deliveries are signed with the former secret too; None if they are not."""
        until = self.former_secret_until
        return until if until and until > timezone.now() else None

    @property
    def pauses_until(self) -> datetime | None:
        """Until when its receiver wants no requests; None if it takes them."""
        until = self.paused_until
        return until if until and until > timezone.now() else None

    def signing_secrets(self) -> list[str]:
        """The secret, and the former one while a rotation lasts and as long as that can be read.

        Raises cryptography.fernet.InvalidToken if the secret can't be read.
        """
        uses_former = self.rotates_until and encryption.is_readable(self.former_secret)
        return [encryption.decrypt(secret) for secret in (self.secret, *([self.former_secret] if uses_former else []))]

    @transaction.atomic
    def edit(self, by: Actor, **changes: Any) -> "Endpoint":
        """Change `url`, `event_types`, `description`, `class_id` or `state`.

        Raises User.SignedOut, User.NeedsSuperuser, and ValidationError for a wrong value.
        """
        endpoint = self._locked(by)
        was_active, former_url = endpoint.is_active, endpoint.url
        for name, value in changes.items():
            setattr(endpoint, name, value)
        endpoint.clean_fields(exclude={field.name for field in self._meta.fields} - changes.keys())
        endpoint.write(**{name: getattr(endpoint, name) for name in changes if name != "state"})
        if endpoint.url != former_url:
            endpoint.write(**NO_FAILURES)
            endpoint.deliveries.pending().filter(due_at__isnull=False).update(due_at=timezone.now())
            endpoint.log(SecurityEventKind.WEBHOOK_MOVED, by)
        elif changes.keys() - {"state"}:
            endpoint.log(SecurityEventKind.WEBHOOK_CHANGED, by)
        if endpoint.is_active == was_active:
            return endpoint
        return self.enable(by) if endpoint.is_active else self.disable(by)

    @transaction.atomic
    def enable(self, by: Actor) -> "Endpoint":
        """Send events again, from now on: `replay` sends what was missed. Repeating it changes nothing."""
        endpoint = self._locked(by)
        if endpoint.is_active:
            return endpoint
        endpoint.write(state=self.State.ACTIVE, disabled_reason="", disabled_at=None, **NO_FAILURES)
        endpoint.log(SecurityEventKind.WEBHOOK_CHANGED, by, state=endpoint.state)
        return endpoint

    @transaction.atomic
    def disable(self, by: Actor, reason: str = "") -> "Endpoint":
        """Send no more events, and cancel those that wait. Repeating it changes nothing."""
        endpoint = self._locked(by)
        if not endpoint.is_active:
            return endpoint
        is_owner = by.user is not None and by.user.pk == endpoint.owner_id
        endpoint.stop(reason or (self.DisabledReason.OWNER if is_owner else self.DisabledReason.STAFF))
        endpoint.log(SecurityEventKind.WEBHOOK_CHANGED, by, state=endpoint.state)
        return endpoint

    def stop(self, reason: str) -> "Endpoint":
        """Disable this row, which is locked, and cancel its deliveries that wait."""
        self.deliveries.pending().cancel("The webhook was disabled before this was delivered.")
        values = {"state": self.State.DISABLED, "disabled_reason": reason, "disabled_at": timezone.now()}
        return self.write(**values, paused_until=None)

    @transaction.atomic
    def remove(self, by: Actor) -> None:
        """Delete the endpoint and its deliveries."""
        endpoint = self._locked(by)
        endpoint.log(SecurityEventKind.WEBHOOK_DELETED, by)
        endpoint.deliveries.all().delete()
        Endpoint.objects.filter(pk=endpoint.pk).delete()

    @transaction.atomic
    def rotate(self, by: Actor, overlap: timedelta) -> tuple["Endpoint", str]:
        """Make a new secret. Until `overlap` has passed, deliveries are signed with the present one too.

        A rotation in progress ends: two secrets are valid at most. A present one that can't be read ends at once.
        Returns the endpoint and its new secret.
        """
        endpoint, secret = self._locked(by), new_secret()
        keeps_former = overlap and encryption.is_readable(endpoint.secret)
        endpoint.log(SecurityEventKind.WEBHOOK_ROTATED, by)
        return endpoint.write(
            secret=encryption.encrypt(secret),
            former_secret=endpoint.secret if keeps_former else "",
            former_secret_until=timezone.now() + overlap if keeps_former else None,
        ), secret

    def end_pause(self) -> None:
        """Send to this row, which is locked, although its receiver wanted a pause: its owner asks for it."""
        if self.paused_until:
            self.write(paused_until=None)

    def lock_active(self, by: Actor) -> "Endpoint":
        """This row, locked. Raises Endpoint.Disabled, and the errors of `edit`."""
        endpoint = self._locked(by)
        if not endpoint.is_active:
            raise self.Disabled()
        return endpoint

    def _locked(self, by: Actor) -> "Endpoint":
        """This row, locked. Raises User.SignedOut, User.NeedsSuperuser, and Endpoint.DoesNotExist if it was deleted."""
        User.objects.lock_account(self.owner_id, by)  # before the endpoint, as `register` does
        return Endpoint.objects.select_for_update(no_key=True).get(pk=self.pk)

    def note(self, answer: Answer, *, is_exhausted: bool, is_test: bool) -> None:
        """Take over an attempt into this row, which is locked. `is_exhausted`: an event was given up by it.

        An answer from a former URL says nothing. A test event that fails counts only if the answer was 410 Gone.
        """
        if not self.is_from_here(answer) or (is_test and not answer.is_success and not answer.is_gone):
            return
        if not answer.is_success:
            self._note_failure(answer, timezone.now(), is_exhausted)
        elif self.failing_since:
            self.write(**NO_FAILURES)
            self._try_again(timezone.now())

    def is_from_here(self, answer: Answer) -> bool:
        """Whether the answer is from the present URL: it may have been changed while a request was made."""
        return answer.url in ("", self.url)

    def is_gone(self, answer: Answer) -> bool:
        return answer.is_gone and self.is_from_here(answer)

    def _try_again(self, now: datetime) -> None:
        """It works again, so bring all retries forward but those of what was tried a moment ago."""
        waiting = self.deliveries.pending().filter(last_attempt_at__lte=now - EARLY_RETRY, due_at__gt=now)
        waiting.update(due_at=now)

    def _note_failure(self, answer: Answer, now: datetime, is_exhausted: bool) -> None:
        """Disable it if that is enough, and tell the owner of that, and of the first event that is given up."""
        failing_since = self.failing_since or now
        wait = answer.retry_after and min(answer.retry_after, MAX_RETRY_AFTER)
        self.write(failing_since=failing_since, paused_until=now + wait if wait else self.paused_until)
        if answer.is_gone:
            self.stop(self.DisabledReason.GONE)
        elif now - failing_since >= FAILING_LIMIT:
            self.stop(self.DisabledReason.FAILING)
        elif not is_exhausted or self.told_at:
            return
        self.write(told_at=now)
        webhook_failing.send(Endpoint, endpoint=self)

    def log(self, kind: SecurityEventKind, by: Actor, **details: str) -> None:
        """Record a security event about the owner. Of the URL it has the host, as the rest may hold a secret."""
        SecurityEvent.objects.record(kind, user=self.owner_id, by=by, webhook=self.pk, host=self.host, **details)

    @property
    def host(self) -> str:
        """Scheme and host of its URL."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}"
