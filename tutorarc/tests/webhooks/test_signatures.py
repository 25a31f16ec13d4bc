"""Signatures are accepted by the reference libraries of the Standard Webhooks specification."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tutorarc.domain.events import Actor
from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.feed.events import write_event
from tutorarc.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.usefixtures("loopback_allowed")
VERIFY = """
import { Webhook } from "standardwebhooks";
const { secret, body, headers } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
"""


@pytest.fixture
def endpoint(alice, receiver, work):
    work()
    endpoint, secret = Endpoint.objects.register(alice, Actor(alice), url=receiver.url)
    endpoint.plain_secret = secret
    return endpoint


def request_for(receiver, event, work):
    work()
    [request] = [request for request in receiver.received if request.headers["webhook-id"] == event.pk]
    return request


def test_the_python_library_accepts_a_delivery(endpoint, receiver, algebra, work):
    event = write_event(klass=algebra, data={"title": "Ångström"})
    request = request_for(receiver, event, work)
    assert Webhook(endpoint.plain_secret).verify(request.body, request.headers)["data"] == {"title": "Ångström"}
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.plain_secret).verify(request.body + b" ", request.headers)


def test_the_headers_name_the_event_and_the_time(endpoint, receiver, algebra, work, time_machine):
    time_machine.move_to(datetime(2036, 3, 20, 10, tzinfo=UTC), tick=False)
    request = request_for(receiver, write_event(klass=algebra), work)
    assert request.headers["webhook-timestamp"] == "2089620000"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "TutorArc-Webhooks/1.0"


def test_both_secrets_are_accepted_during_a_rotation(endpoint, receiver, algebra, alice, work):
    _, new = endpoint.rotate(Actor(alice), timedelta(hours=1))
    request = request_for(receiver, write_event(klass=algebra), work)
    for secret in (endpoint.plain_secret, new):
        Webhook(secret).verify(request.body, request.headers)
    _, newest = endpoint.rotate(Actor(alice), timedelta())
    request = request_for(receiver, write_event(klass=algebra), work)
    Webhook(newest).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(request.body, request.headers)


def test_a_test_event_looks_like_an_event(endpoint, receiver, alice, work):
    delivery = Delivery.objects.send_test(endpoint, Actor(alice))
    work()
    [request] = receiver.received
    body = Webhook(endpoint.plain_secret).verify(request.body, request.headers)
    assert body == {
        "id": delivery.event_id,
        "type": "webhook.test",
        "created_at": body["created_at"],
        "class_id": None,
        "session_id": None,
        "user_id": None,
        "actor": {"user_id": alice.pk, "key_id": None},
        "from_status": None,
        "changes": {},
        "data": {"webhook_id": endpoint.pk},
    }


def test_the_npm_library_accepts_a_delivery(endpoint, receiver, algebra, work, node_tools):
    request = request_for(receiver, write_event(klass=algebra, data={"title": "Ångström"}), work)
    (node_tools / "verify.mjs").write_text(VERIFY)
    given = {"secret": endpoint.plain_secret, "body": request.body.decode(), "headers": request.headers}
    shown = run([need("node"), "verify.mjs", json.dumps(given)], node_tools)
    assert json.loads(shown) == json.loads(request.body)
