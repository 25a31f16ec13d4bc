"""The worker delivers to many endpoints at once, each of which gets one request at a time."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.jobs.models import Job
from tutorarc.jobs.worker import Loop
from tutorarc.tests.feed.events import write_event
from tutorarc.tests.webhooks.receiver import with_status
from tutorarc.webhooks.client import DEADLINE
from tutorarc.webhooks.dispatcher import LEASE
from tutorarc.webhooks.jobs import start_deliveries
from tutorarc.webhooks.models import Delivery, Endpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("loopback_allowed")]


@pytest.fixture
def by_port(receiver, alice, algebra):
    """`by_port(urls)`: endpoints of Alice's with these URLs, which get events from now on."""
    consume_events()

    def make(*urls):
        return [Endpoint.objects.register(alice, Actor(alice), url=url)[0] for url in urls]

    return make


@contextmanager
def running(loop):
    """A worker in a thread."""

    def run():
        try:
            loop.run()
        finally:
            connections.close_all()

    worker = threading.Thread(target=run)
    worker.start()
    try:
        yield
    finally:
        loop.stop()
        worker.join(20)


def test_a_slow_endpoint_a_dead_one_and_a_redirecting_one_delay_no_other(receiver, alice, algebra, by_port):
    """200 endpoints: 197 get the event before the slow one has answered."""
    release, all_arrived, arrived = threading.Event(), threading.Event(), set()

    def answer(handler):
        if handler.path == "/slow":
            release.wait(30)
        elif handler.path == "/elsewhere":
            with_status(302, Location="/hook")(handler)
        else:
            arrived.add(handler.path)
            with_status(204)(handler)
            if len(arrived) == 197:
                all_arrived.set()

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    receiver.answer = answer
    base = receiver.url.removesuffix("/hook")
    [template] = by_port(f"{base}/slow")
    urls = [dead, f"{base}/elsewhere", *(f"{base}/{number}" for number in range(197))]
    Endpoint.objects.bulk_create([Endpoint(owner=alice, url=url, secret=template.secret) for url in urls])
    with running(Loop()):
        write_event(klass=algebra)
        assert all_arrived.wait(DEADLINE)
        slow = Delivery.objects.get(endpoint__url__endswith="/slow")
        release.set()
    assert (slow.attempts, "/slow" in {request.path for request in receiver.received}) == (0, True)


def test_events_arrive_in_order_and_one_at_a_time(receiver, algebra, by_port):
    in_hand, most = [0], [0]

    def answer(handler):
        in_hand[0] += 1
        most[0] = max(most[0], in_hand[0])
        time.sleep(0.005)
        in_hand[0] -= 1
        with_status(204)(handler)

    receiver.answer = answer
    by_port(receiver.url)
    events = [write_event(klass=algebra).pk for _ in range(20)]
    call_command("work", "--once")
    assert [request.headers["webhook-id"] for request in receiver.received] == events
    assert most == [1]


def test_done_jobs_are_not_kept(receiver, algebra, by_port):
    by_port(receiver.url)
    write_event(klass=algebra)
    call_command("work", "--once")
    assert (len(receiver.received), Job.objects.filter(kind="webhooks.deliver").count()) == (1, 0)


def test_a_delivery_whose_worker_was_lost_is_made_by_another(receiver, algebra, by_port, time_machine):
    """The lost one had claimed the job and the endpoint, and perhaps sent the request."""
    time_machine.move_to(datetime.now(UTC))
    by_port(receiver.url)
    write_event(klass=algebra)
    consume_events()
    start_deliveries()
    Job.objects.claim(["webhooks.deliver"], "lost", 1)
    Endpoint.objects.take(timezone.now() + LEASE)
    call_command("work", "--once")
    assert receiver.received == []
    time_machine.shift(LEASE)
    call_command("work", "--once")
    [request] = receiver.received
    assert json.loads(request.body)["id"] == Delivery.objects.get().event_id
    assert Delivery.objects.get().status == "SUCCEEDED"


def test_a_slow_endpoint_delays_no_other_when_a_period_ends(receiver, algebra, by_port, monkeypatch):
    """The job of the next period sends, while that of the last one waits for an answer."""
    monkeypatch.setattr("tutorarc.webhooks.jobs.PERIOD_SECONDS", 1)
    release, fast = threading.Event(), threading.Event()

    def answer(handler):
        if handler.path == "/slow":
            release.wait(10)
        elif len([request for request in receiver.received if request.path == "/fast"]) == 2:
            fast.set()
        with_status(204)(handler)

    receiver.answer = answer
    by_port(*(receiver.url.replace("hook", path) for path in ("slow", "fast")))
    with running(Loop()):
        write_event(klass=algebra)
        time.sleep(1.5)
        write_event(klass=algebra)
        assert fast.wait(3)
        release.set()
    slow = Delivery.objects.filter(endpoint__url__endswith="slow").earliest("position")
    assert (slow.status, slow.attempts) == ("SUCCEEDED", 1)
