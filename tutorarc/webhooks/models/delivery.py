"""Deliveries: one event for one endpoint, with what came of the last attempt."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from tutorarc.db.constant_lookup import ConstantExact
from tutorarc.db.ids import IdDateTimeField, TypeIDField, to_uuid
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Invalid
from tutorarc.domain.events import Actor
from tutorarc.models.event import Event
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.models.delivery_queryset import PREFIX, TEST_TYPE, DeliveryQuerySet
from tutorarc.webhooks.models.endpoint import Endpoint
from tutorarc.webhooks.retries import RETRIES, wait_before_retry

UNSEEN = "Its owner may not see this event any more."


class Delivery(ChangedByVerbs):
    """One event for one endpoint. It is sent at least once, unless it is cancelled.

    Deliveries with the same `order_key` (those of a class) are a queue: each waits, without `due_at`, until the one
    before it is done. Queues don't wait for each other.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        SUCCEEDED = "SUCCEEDED"
        FAILED = "FAILED"  # no retry is left
        CANCELLED = "CANCELLED"

    class TooOld(Invalid):
        reason = "replay_too_old"
        message = f"Deliveries are kept for {settings.KEEP_DELIVERIES.days} days: replay from a later time."

    id = TypeIDField(PREFIX, primary_key=True)
    created_at = IdDateTimeField()
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event_id = TypeIDField("evt", editable=False)  # without a constraint: a test event has no row
    event_type = models.CharField(max_length=40, editable=False)
    order_key = models.UUIDField(editable=False)
    position = models.BigIntegerField(default=0, editable=False)  # of the event
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)  # of the next attempt
    retry_at = models.DateTimeField(null=True, editable=False)  # the same on schedule: `due_at` may be earlier
    retries = models.PositiveSmallIntegerField(default=0, editable=False)  # on schedule, that were planned
    attempts = models.PositiveIntegerField(default=0, editable=False)
    last_attempt_at = models.DateTimeField(null=True, editable=False)
    duration_ms = models.PositiveIntegerField(null=True, editable=False)
    response_status = models.PositiveSmallIntegerField(null=True, editable=False)
    response_body = models.TextField(blank=True, default="", editable=False)  # its first 2 kB
    error = models.TextField(blank=True, default="", editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="one_delivery_per_webhook_and_event"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], name="deliveries_of_a_webhook"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="deliveries_by_due_time"),
            models.Index(
                fields=["endpoint", "order_key", "position"],
                condition=Q(status="PENDING"),
                name="deliveries_in_a_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type}: {self.status}"

    @classmethod
    def of(cls, endpoint: Endpoint, event: Event) -> "Delivery":
        return cls(
            endpoint=endpoint,
            event_id=event.pk,
            event_type=event.type,
            order_key=_order_key(event),
            position=event.position or 0,
        )

    @property
    def is_test(self) -> bool:
        return self.event_type == TEST_TYPE

    @transaction.atomic
    def resend(self, by: Actor) -> "Delivery":
        """Send it again now, whatever became of it and without waiting for others; with all retries if it fails.

        It ends a pause of the endpoint. Raises Endpoint.Disabled.
        """
        self.endpoint.lock_active(by).end_pause()
        now = timezone.now()
        return self.write(status=self.Status.PENDING, due_at=now, retry_at=now, retries=0)

    def note(self, answer: Answer | None) -> None:
        """Take over an attempt into this instance: None, if its owner may not see the event any more."""
        now = timezone.now()
        if answer is None:
            self.status, self.error = self.Status.CANCELLED, UNSEEN
        else:
            self.attempts, self.last_attempt_at = self.attempts + 1, now
            self.duration_ms = round(answer.duration / timedelta(milliseconds=1))
            self.response_status, self.response_body, self.error = answer.status, answer.body, answer.error
            self._set_status(answer, now)
        if self.status != self.Status.PENDING:
            self.due_at = self.retry_at = None

    def _set_status(self, answer: Answer, now: datetime) -> None:
        if answer.is_success:
            self.status = self.Status.SUCCEEDED
        elif self.retry_at and self.retry_at > now:  # an early attempt, which is none of the schedule's
            self.due_at = self.retry_at
        elif self.is_test or self.endpoint.is_gone(answer) or self.retries == len(RETRIES):
            self.status = self.Status.FAILED
        else:
            self.due_at = self.retry_at = now + wait_before_retry(self.retries, answer.retry_after)
            self.retries += 1


Delivery._meta.get_field("status").register_lookup(ConstantExact)  # so that the index of what is pending is used


def _order_key(event: Event) -> uuid.UUID:
    """The class of the event, or what else it is about."""
    if event.class_id:
        return to_uuid("cls", event.class_id)
    return to_uuid("session", event.session_id) if event.session_id else event.object_id
