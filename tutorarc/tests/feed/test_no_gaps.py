"""Whoever follows `next` gets every event once, in whatever order transactions are committed.

`FEED_EVENTS=20000` makes it a long run.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connection, transaction

from tutorarc.domain.events import SYSTEM, record
from tutorarc.models import Event
from tutorarc.tests.feed.events import forget_events

EVENTS = int(os.environ.get("FEED_EVENTS", "400"))
WRITERS = 8
LONGEST = 0.02  # seconds that a transaction is held open after its event is written


def write(klass, count):
    """So many events, each in a transaction that is held open for a random time."""
    try:
        for _ in range(count):
            with transaction.atomic():
                record([klass], SYSTEM, verb="edit")
                time.sleep(random.uniform(0, LONGEST))
    finally:
        connection.close()


def read_until(client, is_done):
    """The ids of the events that a reader gets who follows `next` until the writers are done and nothing is left."""
    seen, link = [], "/events?page_size=100"
    while True:
        were_done = is_done()
        page = client.get(link).json()
        seen += [event["id"] for event in page["results"]]
        next_link = page["next"].removeprefix("http://testserver")
        if were_done and not page["results"]:
            return seen
        link = next_link
        time.sleep(0.002)


def followed_while_written(client, klass, count):
    """Ids of the events and ids as they were read, and how many events have a lower position than an earlier id."""
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, klass, count // WRITERS) for _ in range(WRITERS)]
        seen = read_until(client, lambda: all(writer.done() for writer in writers))
    for writer in writers:
        writer.result()
    written = list(Event.objects.order_by("pk").values_list("pk", "position"))
    return [pk for pk, _ in written], seen, sum(later < earlier for (_, earlier), (_, later) in pairwise(written))


@pytest.mark.django_db(transaction=True)
def test_a_reader_gets_each_event_once_while_transactions_are_held_open(settings, alice, algebra, api):
    settings.RATE_LIMIT = None
    forget_events()
    written, seen, out_of_order = followed_while_written(api(alice), algebra, EVENTS)
    assert (len(seen), sorted(seen)) == (EVENTS, sorted(written))
    if connection.vendor == "postgresql":  # SQLite has one writer at a time
        assert out_of_order > 0
