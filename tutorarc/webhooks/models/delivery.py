"""Deliveries: one event for one endpoint, with what came of the last attempt."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from tutorarc.db.ids import MILLISECOND, IdDateTimeField, TypeIDField, first_id_from, to_uuid
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Invalid
from tutorarc.domain.events import Actor
from tutorarc.models.event import PUBLIC_TYPES, Event
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.models.endpoint import Endpoint
from tutorarc.webhooks.models.visibility import visible_events
from tutorarc.webhooks.retries import EARLY_RETRY, RETRIES, wait_before_retry

PREFIX = "dlv"
LIFETIME = timedelta(days=30)
TEST_TYPE = "webhook.test"
UNSEEN = "Its owner may not see this event any more."
OF_AN_ATTEMPT = (
    *("status", "due_at", "retry_at", "retries", "attempts", "last_attempt_at", "duration_ms"),
    *("response_status", "response_body", "error"),
)
BATCH = 1000
REPLAYED_TOGETHER = 5000
READ_OF_EVENTS = ("type", "class_id", "session_id", "object_id", "position")  # by a replay


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(status=Delivery.Status.PENDING)

    def next_for(self, endpoints: Iterable[str], now: datetime, number: int) -> "dict[str, list[Delivery]]":
        """Up to so many deliveries for each endpoint, to be sent in this order until one fails: those that are due, and
        those that wait for them alone.
        """
        due = list(self.due(now).filter(endpoint__in=endpoints).first_of(["endpoint"], number))
        keys = {row.order_key for row in due}
        waiting = self.pending().filter(endpoint__in=endpoints, order_key__in=keys)
        held_up = set(waiting.filter(due_at__gt=now).values_list("endpoint_id", "order_key"))
        begun = {(row.endpoint_id, row.order_key) for row in due} - held_up
        following = waiting.filter(due_at=None).first_of(["endpoint", "order_key"], number) if keys else ()
        rows = [*due, *(row for row in following if (row.endpoint_id, row.order_key) in begun)]
        found = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.position):
            found[row.endpoint_id].append(row)
        return {endpoint: own[:number] for endpoint, own in found.items()}

    def first_of(self, group: list[str], number: int) -> "DeliveryQuerySet":
        """The first ones of each group, in the order of the feed."""
        place = Window(RowNumber(), partition_by=group, order_by="position")
        return self.annotate(place=place).filter(place__lte=number)

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """What is to be sent now, in the order of the feed."""
        return self.pending().filter(due_at__lte=now).order_by("position")

    def expired(self) -> "DeliveryQuerySet":
        """Deliveries that were made or given up, and were created more than 30 days ago."""
        return self.exclude(status=Delivery.Status.PENDING).filter(
            pk__lt=first_id_from(PREFIX, timezone.now() - LIFETIME)
        )

    def cancel(self, why: str) -> None:
        self.update(status=Delivery.Status.CANCELLED, due_at=None, retry_at=None, error=why)

    def queue(self, endpoints: Iterable[tuple[Endpoint, Event]]) -> int:
        """Deliver events, in their order, to endpoints that are locked. What is known already stays as it is."""
        wanted = [Delivery.of(endpoint, event) for endpoint, event in endpoints]
        known = set(
            self._among(wanted)
            .filter(event_id__in={row.event_id for row in wanted})
            .values_list("endpoint_id", "event_id")
        )
        new = [row for row in wanted if (row.endpoint_id, row.event_id) not in known]
        self._set_due(new)
        self.bulk_create(new, batch_size=BATCH)
        return len(new)

    def _set_due(self, new: "list[Delivery]") -> None:
        """The first of a queue is due now, unless others of that queue wait already. The next ones wait for it."""
        now = timezone.now()
        waiting = self._among(new).filter(due_at__isnull=False, order_key__in={row.order_key for row in new})
        begun = set(waiting.values_list("endpoint_id", "order_key"))
        waiting.filter(last_attempt_at__lte=now - EARLY_RETRY).update(due_at=now)
        for row in new:
            if (queue := (row.endpoint_id, row.order_key)) not in begun:
                row.due_at = row.retry_at = now
                begun.add(queue)

    def _among(self, rows: "Iterable[Delivery]") -> "DeliveryQuerySet":
        return self.filter(endpoint__in={row.endpoint_id for row in rows})

    @transaction.atomic
    def record(self, results: "Mapping[str, Answer | None]") -> None:
        """Write what came of attempts, by id, and release the endpoints. In a constant number of statements, but for
        endpoints that fail or recover. What was cancelled meanwhile, or deleted with its endpoint, stays so.
        """
        of_results = Endpoint.objects.filter(deliveries__in=list(results)).distinct().values("pk")
        locked = Endpoint.objects.filter(pk__in=of_results).locked()
        endpoints = {endpoint.pk: endpoint for endpoint in locked}
        pending = self.pending().in_bulk(list(results))
        rows = [pending[pk] for pk in results if pk in pending]  # as they were sent: the last one says how it is now
        for row in rows:
            row.endpoint = endpoints[row.endpoint_id]
            row.note(results[row.pk])
        self.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=OF_AN_ATTEMPT)
        self._start_next([row.pk for row in rows if row.status != Delivery.Status.PENDING])
        for row in rows:
            if answer := results[row.pk]:
                row.endpoint.note(answer, is_exhausted=row.status == Delivery.Status.FAILED, is_test=row.is_test)
        Endpoint.objects.filter(pk__in=endpoints).release()

    def _start_next(self, done: Iterable[str]) -> None:
        """The next one of each queue is due."""
        queue = self.pending().filter(endpoint=OuterRef("endpoint"), order_key=OuterRef("order_key"))
        first = Subquery(queue.order_by("position").values("pk")[:1])
        following = self.filter(pk__in=done).annotate(following=first).values_list("following", flat=True)
        now = timezone.now()
        self.filter(pk__in=[pk for pk in following if pk], due_at=None).update(due_at=now, retry_at=now)

    @transaction.atomic
    def send_test(self, endpoint: Endpoint, by: Actor) -> "Delivery":
        """Send an event of the type `webhook.test` soon, once. It ends a pause of the endpoint.

        Raises Endpoint.Disabled, and the errors of `edit`.
        """
        now, event_id = timezone.now(), Event().pk  # a new id
        endpoint = endpoint.lock_active(by)
        endpoint.end_pause()
        delivery = Delivery(
            endpoint=endpoint,
            event_id=event_id,
            event_type=TEST_TYPE,
            order_key=to_uuid("evt", event_id),
            due_at=now,
            retry_at=now,
        )
        delivery.save()
        return delivery

    @transaction.atomic
    def replay(self, endpoint: Endpoint, by: Actor, since: datetime) -> int:
        """Send the events since `since` that were not delivered, in order, the first REPLAYED_TOGETHER of them.

        Returns how many there are. Those that wait are not counted again, so another call goes on behind them.
        Raises Endpoint.Disabled, Delivery.TooOld, and the errors of `edit`.
        """
        endpoint = endpoint.lock_active(by)
        if since < timezone.now() - LIFETIME:
            raise Delivery.TooOld()
        there = self.filter(endpoint=endpoint, status__in=[Delivery.Status.SUCCEEDED, Delivery.Status.PENDING])
        visible = visible_events(endpoint).created_after(since - MILLISECOND)
        missed = visible.filter(type__in=endpoint.event_types or PUBLIC_TYPES).exclude(pk__in=there.values("event_id"))
        events = list(missed.only(*READ_OF_EVENTS)[:REPLAYED_TOGETHER])
        for start in range(0, len(events), BATCH):
            self._queue_again(endpoint, events[start : start + BATCH])
        self._put_in_order(endpoint)
        return len(events)

    def _queue_again(self, endpoint: Endpoint, events: Sequence[Event]) -> None:
        again = self.filter(endpoint=endpoint, event_id__in=[event.pk for event in events])
        again.update(status=Delivery.Status.PENDING, due_at=None, retry_at=None, retries=0, error="")
        self.queue([(endpoint, event) for event in events])

    def _put_in_order(self, endpoint: Endpoint) -> None:
        """Earlier events than those that waited go first: only the first of each queue has a time, the others wait."""
        before = self.pending().filter(
            endpoint=endpoint, order_key=OuterRef("order_key"), position__lt=OuterRef("position")
        )
        pending, now = self.pending().filter(endpoint=endpoint), timezone.now()
        pending.filter(Exists(before)).update(due_at=None, retry_at=None)
        pending.filter(~Exists(before), due_at=None).update(due_at=now, retry_at=now)


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
        message = f"Deliveries are kept for {LIFETIME.days} days: replay from a later time."

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


def _order_key(event: Event) -> uuid.UUID:
    """The class of the event, or what else it is about."""
    if event.class_id:
        return to_uuid("cls", event.class_id)
    return to_uuid("session", event.session_id) if event.session_id else event.object_id
