"""Test events, replay, and the list of deliveries by REST."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.testing.client import NOT_FOUND, conflict, forbidden, invalid, verdict
from tutorarc.tests.feed.events import forget_events, write_event
from tutorarc.tests.webhooks.expected import NO_DELIVERY, NO_WEBHOOK, answered, new_webhook, shown_delivery, written
from tutorarc.webhooks.models import Delivery

BUTTONS = ["/test", "/replay", f"/deliveries/{NO_DELIVERY}/resend"]


@pytest.fixture
def webhook(half_past_nine, alice):
    return new_webhook(alice)


@pytest.fixture
def delivery(alice, webhook):
    return Delivery.objects.send_test(webhook, Actor(alice))


def test_a_test_event_is_planned_at_once(api, alice, webhook):
    response = api(alice).post(f"/webhooks/{webhook.pk}/test")
    delivery = Delivery.objects.get()
    assert (response.status_code, response.json()) == (200, shown_delivery(delivery, event_type="webhook.test"))
    assert (delivery.endpoint, delivery.due_at) == (webhook, timezone.now())


def test_deliveries_are_listed_newest_first_with_their_last_answer(half_past_nine, api, alice, webhook, delivery):
    answered(delivery, status=500, body="Oops", error="The answer was 500.")
    newer = answered(Delivery.objects.send_test(webhook, Actor(alice)), status=204)
    tried = {"attempts": 1, "last_attempt_at": half_past_nine, "next_attempt_at": None, "duration_ms": 87}
    answers = [
        {"status": "SUCCEEDED", "response_status": 204},
        {"status": "FAILED", "response_status": 500, "response_body": "Oops", "error": "The answer was 500."},
    ]
    due = Delivery(due_at=timezone.now())
    assert api(alice).get(f"/webhooks/{webhook.pk}/deliveries").json() == {
        "next": None,
        "previous": None,
        "results": [
            {**shown_delivery(row, **tried, **answer)}
            for row, answer in zip([with_due(newer, due), with_due(delivery, due)], answers, strict=True)
        ],
    }


def with_due(row, due):
    row.due_at = due.due_at
    return row


def test_a_delivery_is_sent_again_at_once_whatever_became_of_it(api, alice, webhook, delivery):
    answered(delivery, status=204)
    response = api(alice).post(f"/webhooks/{webhook.pk}/deliveries/{delivery.pk}/resend")
    delivery.refresh_from_db()
    was = {
        "attempts": 1,
        "last_attempt_at": written(timezone.now()),
        "duration_ms": 87,
        "response_status": 204,
    }
    assert (response.status_code, response.json()) == (200, shown_delivery(delivery, **was))
    assert delivery.due_at == timezone.now()


def test_a_replay_sends_what_was_missed(api, alice, algebra):
    webhook = new_webhook(alice)
    client, since = api(alice), written(timezone.now() - timedelta(hours=1))
    forget_events()
    write_event("class.created", algebra, at=timezone.now() - timedelta(hours=2))
    for event_type in ("class.updated", "class.archived"):
        write_event(event_type, algebra)
    number_events()
    response = client.post(f"/webhooks/{webhook.pk}/replay", {"since": since})
    assert (response.status_code, response.json()) == (200, {"deliveries": 2})
    assert list(webhook.deliveries.order_by("position").values_list("event_type", flat=True)) == [
        "class.updated",
        "class.archived",
    ]
    assert client.post(f"/webhooks/{webhook.pk}/replay", {"since": since}).json() == {"deliveries": 0}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "since", "required"),
        ({"since": None}, "since", "null"),
        ({"since": "yesterday"}, "since", "moment"),
        ({"since": "2026-03-14"}, "since", "moment"),
        ({"since": 7}, "since", "moment"),
        ({"since": "2026-03-14T09:30:00Z", "until": None}, "until", "unknown_field"),
    ],
)
def test_a_wrong_start_of_a_replay_is_refused(api, alice, webhook, body, field, code):
    assert verdict(api(alice).post(f"/webhooks/{webhook.pk}/replay", body)) == invalid(field, code)


def test_nothing_is_sent_to_a_disabled_webhook(api, alice, webhook, delivery):
    webhook.disable(Actor(alice))
    client, path = api(alice), f"/webhooks/{webhook.pk}"
    answers = [
        client.post(f"{path}/test"),
        client.post(f"{path}/replay", {"since": "2026-03-14T09:30:00Z"}),
        client.post(f"{path}/deliveries/{delivery.pk}/resend"),
    ]
    assert [verdict(answer) for answer in answers] == [conflict("webhook_disabled")] * 3


def test_a_delivery_of_another_webhook_is_not_found(api, alice, webhook, delivery):
    other = new_webhook(alice)
    assert verdict(api(alice).post(f"/webhooks/{other.pk}/deliveries/{delivery.pk}/resend")) == NOT_FOUND
    for name in (NO_DELIVERY, "dlv_123", "x"):
        assert verdict(api(alice).post(f"/webhooks/{webhook.pk}/deliveries/{name}/resend")) == NOT_FOUND


def test_a_repeated_test_is_sent_once(api, alice, webhook):
    client, options = api(alice), {"headers": {"Idempotency-Key": "k"}}
    first, second = (client.post(f"/webhooks/{webhook.pk}/test", **options) for _ in range(2))
    assert (second.json(), second["Idempotency-Replayed"]) == (first.json(), "true")
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("path", BUTTONS)
def test_who_may_not_send(api, alice, bob, dora, webhook, path):
    address = f"/webhooks/{webhook.pk}{path}"
    assert verdict(api(dora).post(address)) == NOT_FOUND
    assert verdict(api(bob).post(address)) == forbidden("wrong_role")
    assert verdict(api(alice, scopes=["webhooks:read"]).post(address)) == forbidden("missing_scope")
    assert verdict(api(alice).post(f"/webhooks/{NO_WEBHOOK}{path}")) == NOT_FOUND
    assert not Delivery.objects.exists()


def test_who_may_not_list(api, alice, bob, dora, webhook):
    address = f"/webhooks/{webhook.pk}/deliveries"
    assert verdict(api(dora).get(address)) == NOT_FOUND
    assert verdict(api(bob).get(address)) == forbidden("wrong_role")
    assert verdict(api(alice, scopes=["webhooks:write"]).get(address)) == forbidden("missing_scope")
    assert verdict(api(alice).get(f"{address}?status=FAILED")) == invalid("status", "unknown_parameter")


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_three_statements_for_any_length(api, alice, webhook, django_assert_num_queries, count):
    for _ in range(count):
        Delivery.objects.send_test(webhook, Actor(alice))
    client = api(alice)
    with django_assert_num_queries(3):  # the key with its owner, the webhook, the page
        page = client.get(f"/webhooks/{webhook.pk}/deliveries?page_size=100").json()
    assert len(page["results"]) == count
