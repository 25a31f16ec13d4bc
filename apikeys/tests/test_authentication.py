import pytest

from apikeys import secrets
from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import UNAUTHENTICATED, Client, forbidden, unauthenticated, verdict
from tutorarc.testing.events import events_of
from tutorarc.tests.staff.admin_site import state

CHALLENGE = 'ApiKey realm="TutorArc", header="X-API-Key"'


@pytest.fixture
def key(alice):
    """Alice's key and its secret."""
    return ApiKey.objects.issue(alice, SYSTEM)


def get_me(secret, client=None):
    return (client or Client()).get("/me", headers={"X-API-Key": secret})


def revoked(key):
    key.revoke(SYSTEM)


def expired(key):
    ApiKey.objects.filter(pk=key.pk).update(expires_at=key.created_at)


def without_an_active_owner(key):
    key.owner.edit(SYSTEM, is_active=False)


CLOSED = [revoked, expired, without_an_active_owner]


def test_a_key_acts_as_its_owner(alice, key):
    response = get_me(key[1])
    assert (response.status_code, response.json()["id"]) == (200, alice.pk)


def test_what_a_key_does_is_recorded_with_the_key(alice, api):
    client = api(alice)
    class_id = client.post("/classes", {"title": "Algebra"}).json()["id"]
    [event] = events_of(alice.classes_created.get(pk=class_id))
    assert (event.actor_user_id, event.actor_key_id) == (alice.pk, ApiKey.objects.get().pk)


@pytest.mark.parametrize("close", CLOSED)
def test_a_revoked_or_expired_key_is_401(key, close):
    close(key[0])
    assert verdict(get_me(key[1])) == unauthenticated("unknown_key")


@pytest.mark.parametrize(
    "secret", ["", " ", "junk", "ta_live_", "\u00e9", "Bearer x", "null", secrets.PREFIX + "a" * 40, "a" * 5000]
)
def test_a_wrong_key_is_401_with_a_challenge(db, secret):
    response = get_me(secret)
    assert (verdict(response), response["WWW-Authenticate"]) == (unauthenticated("malformed_key"), CHALLENGE)


def test_no_credential_is_401_with_a_challenge(db):
    response = Client().get("/me")
    assert (verdict(response), response["WWW-Authenticate"]) == (UNAUTHENTICATED, CHALLENGE)


@pytest.mark.parametrize("secret", ["", "junk"])
def test_a_wrong_key_is_401_even_beside_a_cookie(browser_client, alice, secret):
    client = browser_client(alice)
    assert client.get("/me").status_code == 200
    assert verdict(get_me(secret, client)) == unauthenticated("malformed_key")


@pytest.mark.parametrize("close", CLOSED)
def test_a_revoked_or_expired_key_is_401_even_beside_a_cookie(browser_client, admin, key, close):
    close(key[0])
    assert verdict(get_me(key[1], browser_client(admin))) == unauthenticated("unknown_key")


def test_a_key_is_checked_alone_beside_anothers_cookie(browser_client, admin, alice, key):
    client = browser_client(admin)
    assert get_me(key[1], client).json()["id"] == alice.pk
    assert client.get("/me").json()["id"] == admin.pk


def test_a_key_beside_a_cookie_keeps_to_its_scopes(browser_client, alice):
    _, secret = ApiKey.objects.issue(alice, SYSTEM, scopes=["members:read"])
    response = browser_client(alice).get("/classes", headers={"X-API-Key": secret})
    assert verdict(response) == forbidden("missing_scope")


def test_a_key_needs_no_csrf_token_even_beside_a_cookie(browser_client, alice, key):
    client = browser_client(alice)
    assert client.post("/classes", {"title": "Algebra"}).status_code == 403
    response = client.post("/classes", {"title": "Algebra"}, headers={"X-API-Key": key[1]})
    assert response.status_code == 201


@pytest.mark.parametrize("around", [" {}", "{} ", "\t{}\t"])
def test_spaces_around_a_key_are_ignored(key, around):
    assert get_me(around.format(key[1])).status_code == 200


@pytest.mark.parametrize("inside", [8, 20])
def test_a_space_inside_a_key_is_a_typo(key, inside):
    secret = key[1]
    assert verdict(get_me(f"{secret[:inside]} {secret[inside:]}")) == unauthenticated("malformed_key")


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Token", "Api-Key"])
def test_a_key_in_another_header_is_no_credential(key, header):
    for value in (key[1], f"Bearer {key[1]}", f"Api-Key {key[1]}"):
        assert verdict(Client().get("/me", headers={header: value})) == UNAUTHENTICATED


def test_a_key_in_the_address_is_no_credential(key):
    assert verdict(Client().get("/me", {"api_key": key[1], "X-API-Key": key[1]})) == UNAUTHENTICATED


def test_last_use_is_updated_by_an_accepted_request_only(key):
    get_me(key[1][:-1])
    assert state(key[0])["last_used_at"] is None
    get_me(key[1])
    assert state(key[0])["last_used_at"] is not None


def test_a_request_costs_one_statement_and_updating_the_last_use_one_more(key, django_assert_num_queries):
    with django_assert_num_queries(2):
        get_me(key[1])
    with django_assert_num_queries(1):
        get_me(key[1])


def test_a_typo_in_a_key_costs_no_statement(key, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert get_me(key[1].replace("ta_live_", "ta_lve_")).status_code == 401


def test_a_key_does_not_sign_its_owner_in(key):
    client = Client()
    response = get_me(key[1], client)
    assert (response.status_code, dict(client.cookies)) == (200, {})
    assert client.get("/me").status_code == 401


def test_a_role_that_was_removed_is_gone_at_the_next_request(alice, admin, key):
    client = Client(headers={"X-API-Key": key[1]})
    session = {"title": "Algebra", "startTime": "2026-03-20T10:00:00Z", "duration": 60, "teacherId": "t-1"}
    assert client.post("/sessions", session).status_code == 201
    alice.edit(Actor(admin), global_role="STUDENT")
    assert client.post("/sessions", session).status_code == 403
