"""How the threads are shared among endpoints."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tutorarc.jobs.consumers import consume_events
from tutorarc.tests.feed.events import write_event
from tutorarc.tests.webhooks.conftest import InThisThread
from tutorarc.webhooks import dispatcher
from tutorarc.webhooks.dispatcher import Dispatcher
from tutorarc.webhooks.models import Delivery, Endpoint


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr(dispatcher, "THREADS", 4)
    monkeypatch.setattr(dispatcher, "THREADS_FOR_FAILING", 2)


@pytest.fixture
def taken(monkeypatch):
    """What was taken in each round, as numbers of failing and of other endpoints."""
    rounds = []
    record = Dispatcher._record

    def note(self):
        rows = [endpoint for _, endpoint in self._in_hand.values()]
        rounds.append((sum(bool(row.failing_since) for row in rows), sum(not row.failing_since for row in rows)))
        record(self)

    monkeypatch.setattr(Dispatcher, "_record", note)
    return rounds


def test_endpoints_that_fail_get_at_most_half_of_the_threads(register, algebra, sent, threads, taken):
    endpoints = [register() for _ in range(9)]
    failing = [endpoint.pk for endpoint in endpoints[:6]]
    Endpoint.objects.filter(pk__in=failing).update(failing_since=timezone.now())
    write_event(klass=algebra)
    consume_events()
    Dispatcher(InThisThread(), 60).run()
    assert taken == [(1, 3), (2, 0), (2, 0), (1, 0)]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SUCCEEDED"}


def test_endpoints_that_waited_longest_come_first(register, algebra, sent, threads):
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
    for _ in range(19):
        register()
    write_event(klass=algebra)
    consume_events()
    with CaptureQueriesContext(connection) as for_twenty:
        Dispatcher(InThisThread(), 60).run()
    assert Delivery.objects.filter(status="SUCCEEDED").count() == 21
    assert len(for_one) == len(for_twenty)
