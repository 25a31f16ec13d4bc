"""How the threads are shared among endpoints."""

from collections import Counter
from concurrent.futures import Executor, Future

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.tests.feed.events import write_event
from tutorarc.tests.webhooks.conftest import ERROR, OK, InThisThread
from tutorarc.webhooks import dispatcher
from tutorarc.webhooks.dispatcher import Dispatcher
from tutorarc.webhooks.models import Delivery, Endpoint


@pytest.fixture
def threads(monkeypatch):
    """An owner gets half of them."""
    monkeypatch.setattr(dispatcher, "THREADS", 8)
    monkeypatch.setattr(dispatcher, "THREADS_FOR_FAILING", 2)


@pytest.fixture
def botany(alice):
    return Class.objects.create_with_teacher(Actor(alice), title="Botany")


class NeverDone(Executor):
    def submit(self, function, /, *args, **options):
        return Future()


@pytest.fixture
def rounds(monkeypatch):
    """The endpoints that were taken in each round."""
    rounds = []
    record = Dispatcher._record

    def note(self):
        rounds.append(list(self._in_hand.values()))
        record(self)

    monkeypatch.setattr(Dispatcher, "_record", note)
    return rounds


def test_endpoints_that_fail_get_at_most_half_of_the_threads(register, algebra, sent, threads, rounds):
    endpoints = [register() for _ in range(9)]
    failing = [endpoint.pk for endpoint in endpoints[:6]]
    Endpoint.objects.filter(pk__in=failing).update(failing_since=timezone.now())
    write_event(klass=algebra)
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    assert [Counter(row.is_failing for row in rows) for rows in rounds] == [
        {True: 1, False: 3},
        *({True: 2}, {True: 2}, {True: 1}),
    ]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SUCCEEDED"}


def test_an_owner_gets_half_of_the_threads_that_others_leave(register, algebra, dora, sent, threads, rounds):
    for _ in range(5):
        register()
    for _ in range(3):
        register(owner=dora)
    write_event(klass=algebra)
    write_event(klass=Class.objects.create_with_teacher(Actor(dora), title="Botany"))
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    of_owners = [Counter(row.owner.display_name for row in rows) for rows in rounds]
    assert of_owners == [{"Alice": 4, "Dora": 2}, {"Alice": 1, "Dora": 1}]


def test_what_is_in_hand_counts_for_its_owner(register, algebra, threads):
    """The requests of the first round have not ended when the second one begins."""
    for _ in range(5):
        register()
    write_event(klass=algebra)
    consume_events()
    dispatching = Dispatcher(NeverDone(), 60)
    assert (dispatching._take(), dispatching._take()) == (4, 0)


def test_endpoints_that_waited_longest_come_first(register, algebra, sent, threads, monkeypatch):
    monkeypatch.setattr(dispatcher, "IN_A_ROW", 1)
    endpoints = [register() for _ in range(6)]
    for _ in range(2):
        write_event(klass=algebra)
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    first, second, third = (sorted(url for url, _ in sent.requests[start : start + 4]) for start in (0, 4, 8))
    urls = [endpoint.url for endpoint in endpoints]
    assert (first, second, third) == (urls[:4], sorted(urls[4:] + urls[:2]), urls[2:])


def test_what_one_endpoint_does_to_the_code_delays_no_other(register, algebra, sent, monkeypatch, caplog):
    broken, working = register(), register()
    post = sent.post

    def fail(url, *args):
        if url == broken.url:
            raise TypeError("a bug")
        return post(url, *args)

    monkeypatch.setattr("tutorarc.webhooks.client.post", fail)
    write_event(klass=algebra)
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    error = "It could not be sent by a fault of this server, which is in its log."
    assert dict(Delivery.objects.values_list("endpoint", "error")) == {broken.pk: error, working.pk: ""}


def test_a_round_costs_the_same_for_few_endpoints_and_for_many(register, algebra, sent):
    register()
    write_event(klass=algebra)
    consume_events()
    with CaptureQueriesContext(connection) as for_one:
        Dispatcher(InThisThread(), 60).run()
    for _ in range(14):
        register()
    write_event(klass=algebra)
    consume_events()
    with CaptureQueriesContext(connection) as for_fifteen:
        Dispatcher(InThisThread(), 60).run()
    assert Delivery.objects.filter(status="SUCCEEDED").count() == 16
    assert len(for_one) == len(for_fifteen)


def test_several_deliveries_to_an_endpoint_are_written_together(register, algebra, botany, sent, rounds, monkeypatch):
    monkeypatch.setattr(dispatcher, "IN_A_ROW", 20)
    endpoint = register()
    events = [write_event(klass=klass).pk for _ in range(12) for klass in (algebra, botany)]
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    assert sent.requests == [(endpoint.url, event) for event in events]
    assert len(rounds) == 2  # 20 of them, and the other 4


def test_what_waits_for_a_retry_holds_up_the_rest_of_its_queue_alone(register, algebra, botany, sent, alice):
    """Also while an earlier event of the queue is sent again."""
    endpoint = register()
    first, second, third = (write_event(klass=algebra).pk for _ in range(3))
    other = write_event(klass=botany).pk
    consume_events()
    sent.answers[endpoint.url] = [OK, ERROR, OK, OK]
    Dispatcher(InThisThread(), 60).run()
    Delivery.objects.get(event_id=first).resend(Actor(alice))
    Dispatcher(InThisThread(), 60).run()
    assert [event for _, event in sent.requests] == [first, second, other, first]
    assert Delivery.objects.get(event_id=third).attempts == 0


def test_an_endpoint_is_left_to_others_after_a_while(register, algebra, sent, rounds, monkeypatch):
    monkeypatch.setattr(dispatcher, "TURN_SECONDS", 0)
    register()
    for _ in range(3):
        write_event(klass=algebra)
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    assert (len(sent.requests), len(rounds)) == (3, 3)
