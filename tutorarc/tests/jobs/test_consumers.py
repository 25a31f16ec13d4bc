"""Consumers get each event once and in order, whatever fails."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tutorarc.jobs import consumers
from tutorarc.jobs.consumers import consume_events, event_consumer
from tutorarc.jobs.models import EventConsumer
from tutorarc.models.event import number_events


@pytest.fixture
def got(db, kinds):
    """The ids of the events that the consumer "letters" got."""
    EventConsumer.objects.all().delete()
    ids = []

    @event_consumer("letters")
    def keep(events):
        ids.extend(event.pk for event in events)

    consume_events()
    return ids


def test_each_event_comes_once_and_in_order(got, make_event):
    first = [make_event() for _ in range(3)]
    consume_events()
    assert got == first
    second = [make_event() for _ in range(2)]
    consume_events()
    consume_events()
    assert got == first + second


def test_a_new_consumer_gets_the_events_from_then_on(got, make_event):
    make_event()
    consume_events()
    later = []
    event_consumer("later")(later.extend)
    consume_events()
    event = make_event()
    consume_events()
    assert [one.pk for one in later] == [event]


def test_one_that_is_new_gets_what_has_no_position_yet(got, make_event):
    event = make_event()
    later = []
    event_consumer("later")(later.extend)
    consume_events()
    assert [one.pk for one in later] == [event]


def test_a_migration_adds_new_consumers(got, make_event):
    later = []
    event_consumer("later")(later.extend)
    call_command("migrate", verbosity=0)
    event = make_event()
    number_events()
    consume_events()
    assert [one.pk for one in later] == [event]


def test_events_come_in_batches(got, make_event, monkeypatch):
    monkeypatch.setattr(consumers, "BATCH", 2)
    events = [make_event() for _ in range(3)]
    assert (consume_events(), consume_events(), got) == (True, False, events)


def test_without_events_it_only_reads(got, make_event):
    make_event()
    consume_events()
    with CaptureQueriesContext(connection) as queries:
        assert consume_events() is False
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"] * 3


def test_a_consumer_that_fails_gets_the_same_events_again_and_others_get_theirs(
    half_past_nine, got, make_event, time_machine, caplog
):
    errors, retried = [ValueError("no paper")], []

    @event_consumer("a printer")
    def fail_once(events):
        if errors:
            raise errors.pop()
        retried.extend(event.pk for event in events)

    consume_events()
    events = [make_event()]
    consume_events()
    failing = EventConsumer.objects.get(name="a printer")
    assert (failing.last_error, failing.failing_since) == ("ValueError: no paper", timezone.now())
    assert (got, retried, "A consumer of events failed." in caplog.messages) == (events, [], True)
    consume_events()
    assert retried == []  # after a failure it pauses
    time_machine.shift(timedelta(seconds=10))
    consume_events()
    working = EventConsumer.objects.get(name="a printer")
    assert (retried, got, working.last_error, working.failing_since) == (events, events, "", None)


def test_what_a_consumer_wrote_before_it_failed_is_undone(got, make_event):
    @event_consumer("a printer")
    def write_and_fail(events):
        EventConsumer.objects.create(name="half", position=0)
        raise ValueError("no paper")

    consume_events()
    make_event()
    consume_events()
    assert EventConsumer.objects.filter(name="half").exists() is False


def test_an_outage_is_no_failure_of_the_consumer(got, make_event):
    @event_consumer("a printer")
    def lose_connection(events):
        raise OperationalError("gone")

    consume_events()
    make_event()
    with pytest.raises(OperationalError):
        consume_events()
    assert EventConsumer.objects.filter(failing_since=None).count() == 2


def test_two_consumers_of_one_name_are_refused(got):
    with pytest.raises(ValueError, match="Two consumers have the name letters"):
        event_consumer("letters")(print)


@pytest.mark.django_db(transaction=True)
def test_a_consumer_is_fed_by_one_worker_at_a_time(got, make_event, run_together):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks the whole database, and no row")
    make_event()
    with transaction.atomic():
        EventConsumer.objects.select_for_update().get(name="letters")
        run_together([consume_events])
        assert got == []
    consume_events()
    assert len(got) == 1
