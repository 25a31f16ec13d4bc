from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.tests.webhooks.receiver import Receiver
from tutorarc.webhooks import client
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.dispatcher import Dispatcher
from tutorarc.webhooks.models import Delivery, Endpoint

OK = Answer(timedelta(milliseconds=7), 200, "thanks")
ERROR = Answer(timedelta(milliseconds=7), 500, "oops", "It answered 500 Internal Server Error.")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def register(alice: Any) -> Callable[..., Endpoint]:
    """`register(owner=dora, event_types=[…])`: an endpoint, by default Alice's at https://example.org/1."""

    def make(owner: Any = None, **values: Any) -> Endpoint:
        owner = owner or alice
        number = Endpoint.objects.filter(owner=owner).count() + 1
        consume_events()  # it gets events from now on
        return Endpoint.objects.register(owner, Actor(owner), **{"url": f"https://example.org/{number}", **values})[0]

    return make


class Sent:
    """What was sent, as (url, id of the event), and what each URL answers: a list of answers, or one for all."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: dict[str, Any] = {}

    def post(self, url: str, headers: Any, body: bytes) -> Answer:
        self.requests.append((url, headers["webhook-id"]))
        self.bodies.append(body)
        answers = self.answers.get(url, OK)
        return answers.pop(0) if isinstance(answers, list) else answers

    def take(self) -> list[tuple[str, str]]:
        """What was sent since the last call."""
        taken, self.requests = self.requests, []
        return taken


@pytest.fixture
def sent(monkeypatch: Any) -> Sent:
    """Nothing leaves this process."""
    sent = Sent()
    monkeypatch.setattr(client, "post", sent.post)
    return sent


class InThisThread(Executor):
    """An executor that has done what it returns."""

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*args, **options))
        return done


@pytest.fixture
def work() -> Callable[[], None]:
    """`work()` does what the worker would do now."""

    def deliver() -> None:
        consume_events()
        Dispatcher(InThisThread(), 60).run()

    return deliver


def states(*deliveries: Delivery) -> list[str]:
    return [Delivery.objects.get(pk=delivery.pk).status for delivery in deliveries]
