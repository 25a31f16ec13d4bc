"""Verbs that happen in the past, so that demo data has a history."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from unittest.mock import patch

from django.utils import timezone
from uuid_utils.compat import uuid7

from sessions.jobs import write_clock_events
from tutorarc.db import ids
from tutorarc.jobs.models import EventConsumer
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import EventQuerySet


class Step(NamedTuple):
    moment: datetime
    verb: Callable[[], object]


def carry_out(steps: list[Step]) -> None:
    """Do each step at its moment, earliest first. In between, the clock starts and ends lessons."""
    before = Event.objects.order_by("pk").last()
    for step in sorted(steps, key=lambda step: step.moment):
        with _clock_at(step.moment):
            write_clock_events()
            step.verb()
    write_clock_events()
    _date_events(Event.objects.filter(pk__gt=before.pk) if before else Event.objects.all())
    _skip_consumers()


@contextmanager
def _clock_at(moment: datetime) -> Iterator[None]:
    """Times and ids are those of this moment. Only for a command: it changes the clock of the whole process."""
    nanoseconds = int(moment.timestamp()) * 10**9
    with (
        patch.object(timezone, "now", lambda: moment),
        patch.object(ids, "uuid7", lambda: uuid7(nanoseconds=nanoseconds)),
    ):
        yield


def _date_events(new: EventQuerySet) -> None:
    """Give new events ids of their moments: those that they have are of the present. Positions follow from the ids."""
    for number, (pk, created) in enumerate(list(new.order_by("pk").values_list("pk", "created_at"))):
        Event.objects.filter(pk=pk).update(id=_id_at(created, number), position=None)


def _id_at(moment: datetime, number: int) -> uuid.UUID:
    """A UUIDv7. Of those of one millisecond, the one with the higher number is greater."""
    upper = (moment - ids.EPOCH) // ids.MILLISECOND << 16 | 7 << 12 | number
    return uuid.UUID(int=upper << 64 | 2 << 62 | uuid.uuid4().int & (1 << 62) - 1)


def _skip_consumers() -> None:
    """Nobody gets mail about what happened in the past."""
    number_events()
    last = Event.objects.numbered().last()
    EventConsumer.objects.update(position=last.position if last else 0)
