"""POST /api-keys/{id}/rotate: a new secret; the old one works until the overlap ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import ApiKey
from apikeys.tests.expected import NO_KEY, shown, written
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, Client, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_about

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def issued(half_past_nine, alice):
    """Alice's key and its secret."""
    return ApiKey.objects.issue(alice, SYSTEM, name="Timetable sync", scopes=["classes:read"])


def opens(plaintext):
    return Client(headers={"X-API-Key": plaintext}).get("/me").status_code == 200


def test_a_rotated_key_is_a_new_one_with_the_same_name_and_scopes(signed_in, alice, issued):
    response = signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate")
    fresh, old = ApiKey.objects.order_by("-pk")
    plaintext = response.json()["key"]
    expected = {**shown(fresh, name="Timetable sync", scopes=["classes:read"]), "key": plaintext}
    assert (response.status_code, response.json()) == (201, expected)
    assert (old.pk, fresh.owner) == (issued[0].pk, alice)
    assert plaintext != issued[1]


@pytest.mark.parametrize(
    ("body", "overlap"),
    [
        ({}, 24 * HOUR),
        ("", 24 * HOUR),
        ({"overlap_hours": 1}, HOUR),
        ({"overlap_hours": 2.0}, 2 * HOUR),
        ({"overlap_hours": 720}, 720 * HOUR),
    ],
)
def test_the_old_secret_works_for_the_overlap_and_not_after(signed_in, alice, issued, time_machine, body, overlap):
    start = timezone.now()
    fresh = signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate", body).json()["key"]
    issued[0].refresh_from_db()
    assert issued[0].expires_at == start + overlap
    time_machine.move_to(start + overlap - SECOND, tick=False)
    assert (opens(issued[1]), opens(fresh)) == (True, True)
    time_machine.move_to(start + overlap, tick=False)
    assert (opens(issued[1]), opens(fresh)) == (False, True)


def test_without_overlap_the_old_secret_stops_at_once(signed_in, alice, issued):
    fresh = signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate", {"overlap_hours": 0}).json()["key"]
    assert (opens(issued[1]), opens(fresh)) == (False, True)


def test_the_new_key_expires_when_the_old_one_would_have(half_past_nine, signed_in, alice, time_machine):
    end = timezone.now() + 100 * HOUR
    key, plaintext = ApiKey.objects.issue(alice, SYSTEM, expires_at=end)
    response = signed_in(alice).post(f"/api-keys/{key.pk}/rotate")
    assert response.json()["expires_at"] == written(end)
    time_machine.move_to(timezone.now() + 24 * HOUR, tick=False)
    assert (opens(plaintext), opens(response.json()["key"])) == (False, True)
    time_machine.move_to(end, tick=False)
    assert not opens(response.json()["key"])


def test_an_overlap_does_not_prolong_a_key(half_past_nine, signed_in, alice):
    end = timezone.now() + HOUR
    key, _ = ApiKey.objects.issue(alice, SYSTEM, expires_at=end)
    signed_in(alice).post(f"/api-keys/{key.pk}/rotate", {"overlap_hours": 24})
    assert set(ApiKey.objects.values_list("expires_at", flat=True)) == {end}


def test_a_key_in_its_overlap_can_be_rotated_again(signed_in, alice, issued):
    client = signed_in(alice)
    answers = [client.post(f"/api-keys/{issued[0].pk}/rotate") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    # What comes of a key that is going to expire expires with it.
    assert [answer.json()["expires_at"] for answer in answers] == [None, "2026-03-15T09:30:00Z"]


def test_it_is_recorded_on_both_keys(signed_in, alice, issued):
    signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate")
    events = events_about(ApiKey)
    assert [event.happened for event in events] == ["created", "rotated", "created"]
    assert {event.actor_user_id for event in events[1:]} == {alice.pk}


def test_neither_the_old_secret_nor_a_digest_is_in_the_answer(signed_in, alice, issued):
    answer = signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate").content.decode()
    hidden = [issued[1], *ApiKey.objects.values_list("digest", flat=True)]
    assert [secret for secret in hidden if secret in answer] == []


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_a_revoked_or_expired_key_cannot_be_rotated(signed_in, alice, issued, state):
    key = issued[0]
    if state == "revoked":
        key.revoke(Actor(alice))
    else:
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())
    response = signed_in(alice).post(f"/api-keys/{key.pk}/rotate")
    assert verdict(response) == conflict("api_key_closed")
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("overlap_hours", -1, "min_value"),
        ("overlap_hours", 721, "max_value"),
        ("overlap_hours", 1.5, "invalid"),
        ("overlap_hours", "24", "invalid"),
        ("overlap_hours", True, "invalid"),
        ("overlap_hours", None, "null"),
        ("name", "New", "unknown_field"),
        ("scopes", ["classes:write"], "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(signed_in, alice, issued, field, value, code):
    response = signed_in(alice).post(f"/api-keys/{issued[0].pk}/rotate", {field: value})
    assert verdict(response) == invalid(field, code)
    assert ApiKey.objects.get().expires_at is None


@pytest.mark.parametrize("who", ["bob", "admin"])
def test_the_key_of_another_is_not_found(request, signed_in, issued, who):
    response = signed_in(request.getfixturevalue(who)).post(f"/api-keys/{issued[0].pk}/rotate")
    assert verdict(response) == NOT_FOUND
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("key_id", [NO_KEY, "key_123", "x", "usr_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_id_is_not_found(signed_in, alice, key_id):
    assert verdict(signed_in(alice).post(f"/api-keys/{key_id}/rotate")) == NOT_FOUND


def test_a_key_cannot_rotate_itself(issued):
    client = Client(headers={"X-API-Key": issued[1]})
    response = client.post(f"/api-keys/{issued[0].pk}/rotate")
    assert verdict(response) == forbidden("sign_in_required")


def test_a_cookie_without_its_csrf_token_rotates_nothing(browser_client, alice, issued):
    assert verdict(browser_client(alice).post(f"/api-keys/{issued[0].pk}/rotate")) == forbidden("csrf_failed")
    assert ApiKey.objects.count() == 1


def test_a_credential_is_required(api, issued):
    assert verdict(api().post(f"/api-keys/{issued[0].pk}/rotate")) == UNAUTHENTICATED
