"""Stored responses for the Idempotency-Key header."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, OperationalError, models, transaction
from django.utils import timezone

from tutorarc.domain import encryption
from tutorarc.domain.errors import Conflict

if TYPE_CHECKING:
    from tutorarc.models import User

REPLY_LIFETIME = timedelta(hours=24)
LOCK_NOT_AVAILABLE = "55P03"


class IdempotentReplyQuerySet(models.QuerySet["IdempotentReply"]):
    def expired(self) -> "IdempotentReplyQuerySet":
        """Replies that are past their lifetime."""
        return self.filter(created_at__lte=timezone.now() - REPLY_LIFETIME)

    def find(self, user: "User", key: str, fingerprint: str) -> "IdempotentReply | None":
        """The stored reply to this request, if it is not older than 24 hours."""
        fresh = self.filter(status__isnull=False, created_at__gt=timezone.now() - REPLY_LIFETIME)
        return fresh.filter(user=user, key=key, fingerprint=fingerprint).first()

    def claim(self, user: "User", key: str, fingerprint: str) -> "IdempotentReply":
        """Claim the key for this request: returns a new empty reply, or the stored one.

        A concurrent duplicate waits here, by the unique constraint, until the first request commits or rolls back. A
        failed request therefore leaves no claimed key behind. Raises IdempotentReply.Mismatch, and
        IdempotentReply.InProgress if PostgreSQL's lock_timeout ends the wait.
        """
        try:
            return self._claim(user, key, fingerprint)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise IdempotentReply.InProgress() from None
            raise

    def _claim(self, user: "User", key: str, fingerprint: str) -> "IdempotentReply":
        try:
            with transaction.atomic():
                return self.create(user=user, key=key, fingerprint=fingerprint)
        except IntegrityError:
            kept = self.select_for_update().filter(user=user, key=key).first()
        if kept is None:  # deleted by prune in the meantime
            return self._claim(user, key, fingerprint)
        if kept.created_at <= timezone.now() - REPLY_LIFETIME:
            return kept.restart(fingerprint)
        if kept.fingerprint != fingerprint:
            raise IdempotentReply.Mismatch()
        return kept


class IdempotentReply(models.Model):
    """The response to a POST with an Idempotency-Key, kept for 24 hours."""

    class Mismatch(Conflict):
        reason = "idempotency_key_reused"
        message = "This Idempotency-Key was used for another request: method, path and body must be the same."

    class InProgress(Conflict):
        reason = "request_in_progress"
        message = "The first request with this Idempotency-Key is still being processed: send it again in a moment."

    class Unreadable(Conflict):
        reason = "response_unreadable"
        message = (
            "This Idempotency-Key was used, but the response can't be read since the server's secret key was changed: "
            "check what the first request did before you send it with another key."
        )

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(default="")  # encrypted, as it may hold signed links
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotentReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "idempotent replies"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_reply_per_user_and_idempotency_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"

    def restart(self, fingerprint: str) -> "IdempotentReply":
        """Reuse an expired reply. Updated in place, because a concurrent duplicate may wait for this row's lock."""
        self.fingerprint, self.status, self.answer, self.created_at = fingerprint, None, "", timezone.now()
        self.save(update_fields=["fingerprint", "status", "answer", "created_at"])
        return self

    def store(self, status: int, answer: str) -> None:
        self.status, self.answer = status, encryption.encrypt(answer)
        self.save(update_fields=["status", "answer"])

    def read(self) -> str:
        """The stored answer. Raises IdempotentReply.Unreadable."""
        try:
            return encryption.decrypt_if_encrypted(self.answer)
        except encryption.InvalidToken:
            raise self.Unreadable() from None
