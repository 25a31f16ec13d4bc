"""DELETE /api-keys/{id}: the key stops working with the next request, and stays in the list."""

import pytest

from apikeys.models import ApiKey
from apikeys.tests.expected import NO_KEY, shown
from tutorarc.domain.events import SYSTEM
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, Client, forbidden, unauthenticated, verdict
from tutorarc.testing.events import events_about, events_of


@pytest.fixture
def issued(half_past_nine, alice):
    """Alice's key and its secret."""
    return ApiKey.objects.issue(alice, SYSTEM)


def test_a_key_is_revoked_with_an_empty_answer(signed_in, alice, issued):
    response = signed_in(alice).delete(f"/api-keys/{issued[0].pk}")
    assert (response.status_code, response.content) == (204, b"")


def test_it_takes_effect_on_the_next_request(signed_in, alice, issued):
    client = Client(headers={"X-API-Key": issued[1]})
    assert client.get("/me").status_code == 200
    signed_in(alice).delete(f"/api-keys/{issued[0].pk}")
    assert verdict(client.get("/me")) == unauthenticated("unknown_key")


def test_a_revoked_key_stays_on_record(half_past_nine, signed_in, alice, issued):
    client = signed_in(alice)
    client.delete(f"/api-keys/{issued[0].pk}")
    assert client.get("/api-keys").json()["results"] == [shown(issued[0], revoked_at=half_past_nine)]


def test_the_owners_other_keys_still_work(signed_in, alice, api, issued):
    other = api(alice)
    signed_in(alice).delete(f"/api-keys/{issued[0].pk}")
    assert other.get("/me").status_code == 200


def test_repeating_it_changes_nothing(half_past_nine, signed_in, alice, issued, time_machine):
    client = signed_in(alice)
    client.delete(f"/api-keys/{issued[0].pk}")
    time_machine.move_to("2026-03-14T10:30:00Z", tick=False)
    assert client.delete(f"/api-keys/{issued[0].pk}").status_code == 204
    assert client.get("/api-keys").json()["results"] == [shown(issued[0], revoked_at=half_past_nine)]
    assert len(events_about(ApiKey, "revoked")) == 1


def test_a_key_that_was_rotated_can_be_revoked_before_its_overlap_ends(signed_in, alice, issued):
    client = signed_in(alice)
    fresh = client.post(f"/api-keys/{issued[0].pk}/rotate").json()["key"]
    client.delete(f"/api-keys/{issued[0].pk}")
    statuses = [Client(headers={"X-API-Key": key}).get("/me").status_code for key in (issued[1], fresh)]
    assert statuses == [401, 200]


def test_it_is_recorded_with_its_actor(half_past_nine, signed_in, alice, issued):
    signed_in(alice).delete(f"/api-keys/{issued[0].pk}")
    event = events_of(issued[0])[-1]
    assert (event.type, event.actor_user_id, event.actor_key_id) == ("api_key.revoked", alice.pk, None)
    assert event.changes == {"revoked_at": [None, half_past_nine]}


@pytest.mark.parametrize("who", ["bob", "admin"])
def test_the_key_of_another_is_not_found(request, signed_in, issued, who):
    response = signed_in(request.getfixturevalue(who)).delete(f"/api-keys/{issued[0].pk}")
    assert verdict(response) == NOT_FOUND
    assert ApiKey.objects.get().revoked_at is None


@pytest.mark.parametrize("key_id", [NO_KEY, "key_123", "x", "usr_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_id_is_not_found(signed_in, alice, key_id):
    assert verdict(signed_in(alice).delete(f"/api-keys/{key_id}")) == NOT_FOUND


def test_a_key_cannot_revoke_itself(issued):
    client = Client(headers={"X-API-Key": issued[1]})
    response = client.delete(f"/api-keys/{issued[0].pk}")
    assert verdict(response) == forbidden("sign_in_required")
    assert client.get("/me").status_code == 200


def test_a_cookie_without_its_csrf_token_revokes_nothing(browser_client, alice, issued):
    assert verdict(browser_client(alice).delete(f"/api-keys/{issued[0].pk}")) == forbidden("csrf_failed")
    assert ApiKey.objects.get().revoked_at is None


def test_a_credential_is_required(api, issued):
    assert verdict(api().delete(f"/api-keys/{issued[0].pk}")) == UNAUTHENTICATED
