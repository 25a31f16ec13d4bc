"""PATCH and DELETE /webhooks/{id}."""

import pytest

from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict
from tutorarc.tests.webhooks.expected import NO_WEBHOOK, new_webhook, shown
from tutorarc.webhooks.models import Delivery, Endpoint

ELSEWHERE = "https://elsewhere.example/hook"


@pytest.fixture
def webhook(half_past_nine, alice):
    return new_webhook(alice)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": ELSEWHERE},
        {"description": "Sync"},
        {"event_types": ["class.created"]},
        {"url": ELSEWHERE, "description": "Sync", "event_types": []},
    ],
)
def test_what_is_sent_is_changed(api, alice, webhook, changes):
    client = api(alice)
    response = client.patch(f"/webhooks/{webhook.pk}", changes)
    assert (response.status_code, response.json()) == (200, shown(webhook, **changes))
    assert client.get(f"/webhooks/{webhook.pk}").json() == shown(webhook, **changes)


def test_it_can_be_disabled_and_enabled(half_past_nine, api, alice, webhook):
    client = api(alice)
    waiting = Delivery.objects.send_test(webhook, Actor(alice))
    disabled = {"status": "DISABLED", "disabled_reason": "OWNER", "disabled_at": half_past_nine}
    assert client.patch(f"/webhooks/{webhook.pk}", {"status": "DISABLED"}).json() == shown(webhook, **disabled)
    waiting.refresh_from_db()
    assert waiting.status == Delivery.Status.CANCELLED
    assert client.patch(f"/webhooks/{webhook.pk}", {"status": "ACTIVE"}).json() == shown(webhook)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"url": ""}, "url", "blank"),
        ({"url": "https://10.0.0.1/"}, "url", "url_not_allowed"),
        ({"event_types": ["class.burnt"]}, "event_types[0]", "invalid_choice"),
        ({"description": 7}, "description", "invalid"),
        ({"status": "active"}, "status", "invalid_choice"),
        ({"status": None}, "status", "null"),
        ({"class_id": None}, "class_id", "unknown_field"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(api, alice, webhook, changes, field, code):
    response = api(alice).patch(f"/webhooks/{webhook.pk}", {"description": "Sync"} | changes)
    assert verdict(response) == invalid(field, code)
    webhook.refresh_from_db()
    assert (webhook.description, webhook.state) == ("", "ACTIVE")


def test_a_deleted_one_is_gone_with_its_deliveries(api, alice, webhook):
    Delivery.objects.send_test(webhook, Actor(alice))
    response = api(alice).delete(f"/webhooks/{webhook.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)
    assert verdict(api(alice).delete(f"/webhooks/{webhook.pk}")) == NOT_FOUND


def test_one_that_is_deleted_during_a_call_is_not_found(api, alice, webhook, monkeypatch):
    def deleted(*_, **__):
        raise Endpoint.DoesNotExist

    monkeypatch.setattr(Endpoint, "edit", deleted)
    assert verdict(api(alice).patch(f"/webhooks/{webhook.pk}", {})) == NOT_FOUND


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_who_may_not(api, signed_in, alice, bob, dora, admin, webhook, method):
    def call(client):
        return verdict(getattr(client, method)(f"/webhooks/{webhook.pk}", {}))

    assert [call(api(dora)), call(api(admin))] == [NOT_FOUND, NOT_FOUND]
    assert call(api(bob)) == forbidden("wrong_role")
    assert call(api(alice, scopes=["webhooks:read"])) == forbidden("missing_scope")
    assert call(api()) == UNAUTHENTICATED
    assert verdict(getattr(api(alice), method)(f"/webhooks/{NO_WEBHOOK}", {})) == NOT_FOUND
    assert Endpoint.objects.get().url == webhook.url


def test_a_key_with_just_the_scope_may_do_both(api, alice, webhook):
    client = api(alice, scopes=["webhooks:write"])
    assert client.patch(f"/webhooks/{webhook.pk}", {}).status_code == 200
    assert client.delete(f"/webhooks/{webhook.pk}").status_code == 204
