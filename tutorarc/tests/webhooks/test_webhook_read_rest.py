"""GET /webhooks and /webhooks/{id}: the caller's own webhooks, without their secrets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict
from tutorarc.tests.webhooks.expected import NO_WEBHOOK, new_webhook, shown, written
from tutorarc.webhooks.models import Endpoint


def test_a_list_is_a_page_of_webhooks(api, alice):
    older, newer = new_webhook(alice, description="Older"), new_webhook(alice)
    rows = [shown(newer), shown(older, description="Older")]
    assert api(alice).get("/webhooks").json() == {"next": None, "previous": None, "results": rows}


def test_one_webhook(api, alice):
    webhook = new_webhook(alice)
    response = api(alice).get(f"/webhooks/{webhook.pk}")
    assert (response.status_code, response.json()) == (200, shown(webhook))


def test_a_disabled_one_says_why(half_past_nine, api, alice):
    webhook = new_webhook(alice)
    webhook.disable(Actor(alice))
    disabled = {"status": "DISABLED", "disabled_reason": "OWNER", "disabled_at": half_past_nine}
    assert api(alice).get(f"/webhooks/{webhook.pk}").json() == shown(webhook, **disabled)


def test_a_failing_one_says_since_when(half_past_nine, api, alice):
    webhook = new_webhook(alice)
    until = timezone.now() + timedelta(hours=1)
    Endpoint.objects.filter(pk=webhook.pk).update(failing_since=webhook.created_at, paused_until=until)
    failing = {"failing_since": written(webhook.created_at), "paused_until": written(until)}
    assert api(alice).get(f"/webhooks/{webhook.pk}").json() == shown(webhook, **failing)


@pytest.mark.parametrize("who", ["dora", "admin"])
def test_nobody_sees_those_of_others(request, api, alice, who):
    client, webhook = api(request.getfixturevalue(who)), new_webhook(alice)
    assert client.get("/webhooks").json()["results"] == []
    assert verdict(client.get(f"/webhooks/{webhook.pk}")) == NOT_FOUND


@pytest.mark.parametrize("webhook_id", [NO_WEBHOOK, "whk_123", "x", NO_WEBHOOK.replace("whk", "cls")])
def test_an_unknown_id_is_not_found(api, alice, webhook_id):
    assert verdict(api(alice).get(f"/webhooks/{webhook_id}")) == NOT_FOUND


@pytest.mark.parametrize("path", ["/webhooks", f"/webhooks/{NO_WEBHOOK}"])
def test_who_may_not(api, alice, bob, path):
    assert verdict(api(bob).get(path)) == forbidden("wrong_role")
    assert verdict(api(alice, scopes=["webhooks:write"]).get(path)) == forbidden("missing_scope")
    assert verdict(api().get(path)) == UNAUTHENTICATED


def test_a_query_parameter_is_refused(api, alice):
    assert verdict(api(alice).get("/webhooks?status=ACTIVE")) == invalid("status", "unknown_parameter")


def test_pages_can_be_followed(api, alice):
    for name in "123":
        new_webhook(alice, description=name)
    client = api(alice, scopes=["webhooks:read"])
    first = client.get("/webhooks?page_size=2").json()
    second = client.get(first["next"]).json()
    assert [[row["description"] for row in page["results"]] for page in (first, second)] == [["3", "2"], ["1"]]


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_two_statements_for_any_length(api, alice, django_assert_num_queries, count):
    for _ in range(count):
        new_webhook(alice)
    client = api(alice)
    with django_assert_num_queries(2):  # the key with its owner, the page
        assert len(client.get("/webhooks?page_size=100").json()["results"]) == count


def test_one_costs_two_statements(api, alice, django_assert_num_queries):
    client, webhook = api(alice), new_webhook(alice)
    with django_assert_num_queries(2):  # the key with its owner, the webhook
        client.get(f"/webhooks/{webhook.pk}")
