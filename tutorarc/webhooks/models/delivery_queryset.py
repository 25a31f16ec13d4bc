"""The queues of deliveries: what is put into them, what is sent next, and what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from tutorarc.db.ids import MILLISECOND, first_id_from, to_uuid
from tutorarc.domain.events import Actor
from tutorarc.models.event import Event
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.models.endpoint import Endpoint
from tutorarc.webhooks.models.visibility import visible_events
from tutorarc.webhooks.retries import EARLY_RETRY

if TYPE_CHECKING:
    from tutorarc.webhooks.models import Delivery

PREFIX = "dlv"
TEST_TYPE = "webhook.test"
OF_AN_ATTEMPT = (
    *("status", "due_at", "retry_at", "retries", "attempts", "last_attempt_at", "duration_ms"),
    *("response_status", "response_body", "error"),
)
BATCH = 1000
REPLAYED_TOGETHER = 5000
READ_OF_EVENTS = ("type", "class_id", "session_id", "object_id", "position")  # by a replay


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> "DeliveryQuerySet":
        return self.filter(status=self.model.Status.PENDING)

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
        """Deliveries that were made or given up, and were created long enough ago."""
        return self.exclude(status=self.model.Status.PENDING).filter(
            pk__lt=first_id_from(PREFIX, timezone.now() - settings.KEEP_DELIVERIES)
        )

    def cancel(self, why: str) -> None:
        self.update(status=self.model.Status.CANCELLED, due_at=None, retry_at=None, error=why)

    def queue(self, endpoints: Iterable[tuple[Endpoint, Event]]) -> int:
        """Deliver events, in their order, to endpoints that are locked. What is known already stays as it is."""
        wanted = [self.model.of(endpoint, event) for endpoint, event in endpoints]
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
        self._start_next([row.pk for row in rows if row.status != self.model.Status.PENDING])
        for row in rows:
            if answer := results[row.pk]:
                row.endpoint.note(answer, is_exhausted=row.status == self.model.Status.FAILED, is_test=row.is_test)
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
        delivery = self.model(
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
        if since < timezone.now() - settings.KEEP_DELIVERIES:
            raise self.model.TooOld()
        there = self.filter(endpoint=endpoint, status__in=[self.model.Status.SUCCEEDED, self.model.Status.PENDING])
        visible = visible_events(endpoint).created_after(since - MILLISECOND)
        missed = visible.filter(type__in=endpoint.event_types or PUBLIC_TYPES).exclude(pk__in=there.values("event_id"))
        events = list(missed.only(*READ_OF_EVENTS)[:REPLAYED_TOGETHER])
        for start in range(0, len(events), BATCH):
            self._queue_again(endpoint, events[start : start + BATCH])
        self._put_in_order(endpoint)
        return len(events)

    def _queue_again(self, endpoint: Endpoint, events: Sequence[Event]) -> None:
        again = self.filter(endpoint=endpoint, event_id__in=[event.pk for event in events])
        again.update(status=self.model.Status.PENDING, due_at=None, retry_at=None, retries=0, error="")
        self.queue([(endpoint, event) for event in events])

    def _put_in_order(self, endpoint: Endpoint) -> None:
        """Earlier events than those that waited go first: only the first of each queue has a time, the others wait."""
        before = self.pending().filter(
            endpoint=endpoint, order_key=OuterRef("order_key"), position__lt=OuterRef("position")
        )
        pending, now = self.pending().filter(endpoint=endpoint), timezone.now()
        pending.filter(Exists(before)).update(due_at=None, retry_at=None)
        pending.filter(~Exists(before), due_at=None).update(due_at=now, retry_at=now)
