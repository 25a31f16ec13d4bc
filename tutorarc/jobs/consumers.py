"""Consumers: functions that get every event once, in the order of the feed, a moment after its commit.

So what follows from a change, such as deliveries and mail, costs the change itself nothing.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.apps.registry import Apps
from django.db import transaction

from tutorarc.db.outage import is_outage
from tutorarc.jobs.models import EventConsumer
from tutorarc.jobs.models.event_consumer import EventConsumerQuerySet
from tutorarc.jobs.registry import each_turn
from tutorarc.models import Event
from tutorarc.models.event import number_events

Consumer = TypeVar("Consumer", bound=Callable[[Sequence[Event]], object])

CONSUMERS: dict[str, Callable[[Sequence[Event]], object]] = {}
BATCH = 500
log = logging.getLogger("tutorarc.jobs")


def event_consumer(name: str) -> Callable[[Consumer], Consumer]:
    """Register a function of a batch of events, which are in order.

    It is called in the transaction that records that it got them. If it raises, it gets them again later. So it should
    only write rows, and leave the rest to jobs. A new consumer gets the events from its first migration on. Raises
    ValueError for a name that is taken.
    """

    def register(function: Consumer) -> Consumer:
        if name in CONSUMERS:
            raise ValueError(f"Two consumers have the name {name}.")
        CONSUMERS[name] = function
        return function

    return register


@each_turn
def consume_events() -> bool:
    """Number new events, and give each consumer its next batch. Whether there may be more."""
    EventConsumer.objects.add_missing(CONSUMERS)
    number_events()
    are_full = [_feed(name) for name in behind().ready().values_list("name", flat=True)]
    return any(are_full)


def behind() -> EventConsumerQuerySet:
    """Consumers of this version that have not got every event that has a position."""
    return EventConsumer.objects.filter(name__in=list(CONSUMERS)).behind()


def add_consumers(apps: Apps, **_signal: Any) -> None:
    """After each migration, so that a consumer gets what happens before the first worker starts."""
    labels = {model._meta.label for model in apps.get_models()}  # a migration may stop before these
    if labels >= {EventConsumer._meta.label, Event._meta.label}:
        EventConsumer.objects.add_missing(CONSUMERS)


def _feed(name: str) -> bool:
    """Whether the consumer got a full batch. One that fails doesn't keep the others from getting theirs."""
    try:
        return _give_batch(name)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("A consumer of events failed.", extra={"context": {"consumer": name}})
        EventConsumer.objects.record_failure(name, error)
        return False


@transaction.atomic
def _give_batch(name: str) -> bool:
    consumer = EventConsumer.objects.select_for_update(skip_locked=True).filter(name=name).first()
    if consumer is None:  # another worker feeds it
        return False
    events = list(Event.objects.numbered().filter(position__gt=consumer.position)[:BATCH])
    if events:
        CONSUMERS[name](events)
        consumer.advance(events[-1])
    return len(events) == BATCH
