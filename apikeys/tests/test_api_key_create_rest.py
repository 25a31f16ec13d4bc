"""POST /api-keys: a new key, whose secret is shown only once."""

from datetime import timedelta

import pytest
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone

from apikeys import secrets
from apikeys.models import ApiKey
from apikeys.tests.expected import shown, written
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.events import SYSTEM
from tutorarc.testing.client import UNAUTHENTICATED, Client, forbidden, invalid, unauthenticated, verdict
from tutorarc.testing.events import events_about


def holder_of(plaintext):
    """The user whom a key authenticates."""
    return Client(headers={"X-API-Key": plaintext}).get("/me").json()["id"]


def test_a_new_key_is_shown_with_its_secret(signed_in, alice):
    response = signed_in(alice).post("/api-keys", {"name": "Timetable sync"})
    key, plaintext = ApiKey.objects.get(), response.json()["key"]
    assert response.status_code == 201
    assert response.json() == {**shown(key, name="Timetable sync"), "key": plaintext}
    assert (key.owner, key.digest, key.hint) == (alice, secrets.digest(plaintext), secrets.hint(plaintext))


@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_every_signed_in_user_may_create_keys_and_they_work_at_once(request, signed_in, who):
    person = request.getfixturevalue(who)
    response = signed_in(person).post("/api-keys", {"name": "Mine"})
    assert holder_of(response.json()["key"]) == person.pk


def test_the_secret_is_shown_once(signed_in, alice):
    client = signed_in(alice)
    plaintext = client.post("/api-keys", {"name": "Mine"}).json()["key"]
    assert plaintext not in client.get("/api-keys").content.decode()


def test_the_digest_is_not_in_the_answer(signed_in, alice):
    answer = signed_in(alice).post("/api-keys", {"name": "Mine"}).content.decode()
    assert ApiKey.objects.get().digest not in answer


def test_each_call_creates_another_key(signed_in, alice):
    client = signed_in(alice)
    first, second = (client.post("/api-keys", {"name": "Mine"}).json() for _ in range(2))
    assert first["id"] != second["id"]
    assert first["key"] != second["key"]


def test_it_is_recorded_with_its_actor_and_without_a_key(half_past_nine, signed_in, alice):
    signed_in(alice).post("/api-keys", {"name": "Mine"})
    [event] = events_about(ApiKey)
    assert (event.type, event.actor_user_id, event.actor_key_id) == ("api_key.created", alice.pk, None)
    assert written(event.created_at) == half_past_nine


@pytest.mark.parametrize("scopes", [["classes:read"], ["sessions:read", "sessions:write"], list(SCOPES)])
def test_a_key_has_the_scopes_that_were_asked_for(signed_in, alice, scopes):
    response = signed_in(alice).post("/api-keys", {"name": "Mine", "scopes": scopes})
    key, plaintext = ApiKey.objects.get(), response.json()["key"]
    assert response.json() == {**shown(key, name="Mine", scopes=scopes), "key": plaintext}
    client = Client(headers={"X-API-Key": plaintext})
    assert client.get("/classes").status_code == (200 if "classes:read" in scopes else 403)


def test_a_key_works_until_it_expires(half_past_nine, signed_in, alice, time_machine):
    end = timezone.now() + timedelta(hours=1)
    response = signed_in(alice).post("/api-keys", {"name": "Mine", "expires_at": "2026-03-14T11:30:00+01:00"})
    plaintext = response.json()["key"]
    assert response.json()["expires_at"] == "2026-03-14T10:30:00Z"
    time_machine.move_to(end - timedelta(seconds=1), tick=False)
    assert holder_of(plaintext) == alice.pk
    time_machine.move_to(end, tick=False)
    assert verdict(Client(headers={"X-API-Key": plaintext}).get("/me")) == unauthenticated("unknown_key")


def test_an_expiry_of_null_is_none(signed_in, alice):
    assert signed_in(alice).post("/api-keys", {"name": "Mine", "expires_at": None}).json()["expires_at"] is None


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": " "}, "name", "blank"),
        ({"name": None}, "name", "null"),
        ({"name": 7}, "name", "invalid"),
        ({"name": "x" * 101}, "name", "max_length"),
        ({"name": "x\0"}, "name", "null_characters_not_allowed"),
        ({"scopes": []}, "scopes", "min_length"),
        ({"scopes": None}, "scopes", "null"),
        ({"scopes": "classes:read"}, "scopes", "not_a_list"),
        ({"scopes": {"classes:read": True}}, "scopes", "not_a_list"),
        ({"scopes": ["classes:read", "everything"]}, "scopes[1]", "invalid_choice"),
        ({"scopes": ["CLASSES:READ"]}, "scopes[0]", "invalid_choice"),
        ({"scopes": [7]}, "scopes[0]", "invalid_choice"),
        ({"scopes": [["classes:read"]]}, "scopes[0]", "invalid_choice"),
        ({"scopes": ["classes:read", "classes:read"]}, "scopes", "duplicate"),
        ({"scopes": ["classes:read"] * (len(SCOPES) + 1)}, "scopes", "max_length"),
        ({"expires_at": "2026-03-14T09:30:00Z"}, "expires_at", "invalid"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "invalid"),
        ({"expires_at": "2027-01-01"}, "expires_at", "moment"),
        ({"expires_at": "2027-01-01T00:00:00"}, "expires_at", "moment"),
        ({"expires_at": "never"}, "expires_at", "moment"),
        ({"expires_at": 1800000000}, "expires_at", "moment"),
        ({"key": "ta_live_mine"}, "key", "unknown_field"),
        ({"owner": "usr_01h455vb4pex5vsknk084sn02q"}, "owner", "unknown_field"),
        ({"digest": "0" * 64}, "digest", "unknown_field"),
        ({"revoked_at": None}, "revoked_at", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_creates_nothing(half_past_nine, signed_in, alice, changes, field, code):
    response = signed_in(alice).post("/api-keys", {"name": "Mine", **changes})
    assert verdict(response) == invalid(field, code)
    assert ApiKey.objects.count() == 0


def test_a_name_is_required(signed_in, alice):
    assert verdict(signed_in(alice).post("/api-keys")) == invalid("name", "required")


@pytest.mark.parametrize("scopes", [SCOPES, ["classes:read"]])
def test_a_key_cannot_create_keys(api, alice, scopes):
    response = api(alice, scopes=scopes).post("/api-keys", {"name": "Mine"})
    assert verdict(response) == forbidden("sign_in_required")
    assert ApiKey.objects.count() == 1


def test_a_key_beside_the_cookie_cannot_create_keys_either(signed_in, alice):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    response = signed_in(alice).post("/api-keys", {"name": "Mine"}, headers={"X-API-Key": plaintext})
    assert verdict(response) == forbidden("sign_in_required")


def test_a_cookie_without_its_csrf_token_creates_none(browser_client, alice):
    assert verdict(browser_client(alice).post("/api-keys", {"name": "Mine"})) == forbidden("csrf_failed")
    assert ApiKey.objects.count() == 0


def test_a_credential_is_required(db, api):
    assert verdict(api().post("/api-keys", {"name": "Mine"})) == UNAUTHENTICATED


def test_form_values_are_converted_to_their_types(half_past_nine, signed_in, alice):
    form = {"name": "Mine", "scopes": ["classes:read", "members:read"], "expires_at": ""}
    response = signed_in(alice).post("/api-keys", form, content_type=MULTIPART_CONTENT)
    key, plaintext = ApiKey.objects.get(), response.json()["key"]
    assert response.json() == {**shown(key, name="Mine", scopes=["classes:read", "members:read"]), "key": plaintext}
