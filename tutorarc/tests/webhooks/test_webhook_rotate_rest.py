"""POST /webhooks/{id}/rotate: a new secret; during the overlap requests are signed with both."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tutorarc.testing.client import NOT_FOUND, forbidden, invalid, verdict
from tutorarc.tests.webhooks.expected import new_webhook, shown, written

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def webhook(half_past_nine, alice):
    return new_webhook(alice)


@pytest.mark.parametrize(
    ("body", "overlap"),
    [({}, 24 * HOUR), ("", 24 * HOUR), ({"overlap_hours": 1}, HOUR), ({"overlap_hours": 168.0}, 168 * HOUR)],
)
def test_requests_are_signed_with_both_secrets_during_the_overlap(api, alice, webhook, time_machine, body, overlap):
    [old], end = webhook.signing_secrets(), timezone.now() + overlap
    response = api(alice).post(f"/webhooks/{webhook.pk}/rotate", body)
    new = response.json()["secret"]
    expected = {**shown(webhook, former_secret_until=written(end)), "secret": new}
    assert (response.status_code, response.json(), new == old) == (200, expected, False)
    webhook.refresh_from_db()
    time_machine.move_to(end - SECOND, tick=False)
    assert webhook.signing_secrets() == [new, old]
    time_machine.move_to(end, tick=False)
    assert webhook.signing_secrets() == [new]
    assert api(alice).get(f"/webhooks/{webhook.pk}").json() == shown(webhook)


def test_without_overlap_the_old_secret_is_not_used_any_more(api, alice, webhook):
    answer = api(alice).post(f"/webhooks/{webhook.pk}/rotate", {"overlap_hours": 0}).json()
    assert answer == {**shown(webhook), "secret": answer["secret"]}
    webhook.refresh_from_db()
    assert webhook.signing_secrets() == [answer["secret"]]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("overlap_hours", -1, "min_value"),
        ("overlap_hours", 169, "max_value"),
        ("overlap_hours", 1.5, "invalid"),
        ("overlap_hours", "24", "invalid"),
        ("overlap_hours", True, "invalid"),
        ("overlap_hours", None, "null"),
        ("secret", "whsec_mine", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(api, alice, webhook, field, value, code):
    secrets = webhook.signing_secrets()
    response = api(alice).post(f"/webhooks/{webhook.pk}/rotate", {field: value})
    assert verdict(response) == invalid(field, code)
    webhook.refresh_from_db()
    assert webhook.signing_secrets() == secrets


def test_a_repeated_answer_has_no_secret_and_rotates_once(api, alice, webhook):
    client, options = api(alice), {"headers": {"Idempotency-Key": "k"}}
    first, second = (client.post(f"/webhooks/{webhook.pk}/rotate", {}, **options) for _ in range(2))
    assert second.json() == {**first.json(), "secret": None}
    webhook.refresh_from_db()
    assert webhook.signing_secrets()[0] == first.json()["secret"]


def test_who_may_not(api, alice, bob, dora, webhook):
    path = f"/webhooks/{webhook.pk}/rotate"
    assert verdict(api(dora).post(path)) == NOT_FOUND
    assert verdict(api(bob).post(path)) == forbidden("wrong_role")
    assert verdict(api(alice, scopes=["webhooks:read"]).post(path)) == forbidden("missing_scope")
