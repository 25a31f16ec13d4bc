"""Mistakes with the API key: each is answered in words that say how to correct it, and that repeat no secret."""

import pytest

from apikeys import secrets
from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM
from tutorarc.testing.client import Client, unauthenticated, verdict

NOTHING_SENT = "Sign in, or send an API key in the X-API-Key header."
AS_SHOWN = "Send the key as it was shown when it was created."
KEY = secrets.PREFIX + "a" * 32 + "cab11777"  # well formed, but nobody's


def message(response):
    return response.json()["error"]["message"]


def test_the_key_of_these_tests_is_well_formed():
    assert secrets.is_well_formed(KEY)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, NOTHING_SENT),
        ({"Authorization": f"Bearer {KEY}"}, "You sent `Authorization: Bearer`; send the key in `X-API-Key`."),
        ({"Authorization": f"Api-Key {KEY}"}, "You sent `Authorization: Api-Key`; send the key in `X-API-Key`."),
        ({"Authorization": f"token {KEY}"}, "You sent `Authorization: token`; send the key in `X-API-Key`."),
        ({"Authorization": "Basic YWxpY2U6c2VjcmV0"}, "You sent `Authorization: Basic`; send the key in `X-API-Key`."),
        ({"Authorization": KEY}, "You sent `Authorization`; send the key in `X-API-Key`."),
        ({"Authorization": f"Sesame {KEY}"}, "You sent `Authorization`; send the key in `X-API-Key`."),
        ({"X-Api-Token": KEY}, "You sent `X-Api-Token`; send the key in `X-API-Key`."),
        ({"Api-Key": KEY}, "You sent `Api-Key`; send the key in `X-API-Key`."),
        ({"ApiKey": "secret"}, "You sent `Apikey`; send the key in `X-API-Key`."),
        ({"X-Auth-Token": "secret"}, "You sent `X-Auth-Token`; send the key in `X-API-Key`."),
        ({"X-TutorArc-Secret": KEY}, "You sent `X-Tutorarc-Secret`; send the key in `X-API-Key`."),
        ({"Cookie": "sessionid=old"}, "Your session has expired. Sign in again."),
        ({"Idempotency-Key": "one", "X-CSRFToken": "two", "X-Request-ID": "three"}, NOTHING_SENT),
    ],
)
def test_a_key_in_the_wrong_header(db, headers, expected):
    response = Client().get("/me", headers=headers)
    assert (verdict(response), message(response)) == (unauthenticated("no_credential"), expected)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (f"api_key={KEY}", "?api_key="),
        ("token=secret", "?token="),
        ("access_token=secret", "?access_token="),
        (f"X-API-Key={KEY}", "?X-API-Key="),
        (f"auth={KEY}", "?auth="),
    ],
)
def test_a_key_in_the_address(db, query, name):
    response = Client().get(f"/me?{query}")
    expected = f"You sent `{name}`; send the key in `X-API-Key`."
    assert (verdict(response), message(response)) == (unauthenticated("no_credential"), expected)


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("", "The header X-API-Key is empty."),
        (f'"{KEY}"', "The API key has quotes around it."),
        (f"'{KEY}'", "The API key has quotes around it."),
        (f"Bearer {KEY}", "The header X-API-Key takes the key alone, without a word before it."),
        (f"ApiKey {KEY}", "The header X-API-Key takes the key alone, without a word before it."),
        ("YOUR_API_KEY", "This is a placeholder for an API key."),
        ("<your key>", "This is a placeholder for an API key."),
        ("${TUTORARC_KEY}", "This is a placeholder for an API key."),
        ("{{api_key}}", "This is a placeholder for an API key."),
        ("undefined", "This is a placeholder for an API key."),
        ("None", "This is a placeholder for an API key."),
        ("ta_live_...", "This is only the beginning and the end of an API key."),
        (secrets.hint(KEY), "This is only the beginning and the end of an API key."),
        (secrets.hint(KEY).encode().decode("latin-1"), "This is only the beginning and the end of an API key."),
        ("key_01m80termse2ft79mvwngx90p2", "This is the id of an API key, not the key."),
        ("sk_live_51H8", "An API key begins with ta_live_."),
        (KEY.upper(), "An API key begins with ta_live_."),
        (f"{KEY[:20]} {KEY[20:]}", "The API key has a blank in it."),
        (KEY[:-1], "The API key is cut off: it has fewer than 48 characters."),
        ("ta_live_", "The API key is cut off: it has fewer than 48 characters."),
        (f"{KEY};", "There is something after the API key: it has more than 48 characters."),
        (f"{KEY[:-1]}8", "The API key is mistyped: its checksum is wrong."),
        (f"ta_live_b{KEY[9:]}", "The API key is mistyped: its checksum is wrong."),
    ],
)
def test_a_key_of_the_wrong_form_costs_no_query(db, django_assert_num_queries, secret, fault):
    with django_assert_num_queries(0):
        response = Client().get("/me", headers={"X-API-Key": secret})
    assert (verdict(response), message(response)) == (unauthenticated("malformed_key"), f"{fault} {AS_SHOWN}")


def unknown(alice):
    return KEY


def revoked(alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    key.revoke(SYSTEM)
    return secret


def expired(alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=key.created_at)
    return secret


@pytest.mark.parametrize("make", [unknown, revoked, expired])
def test_unknown_revoked_and_expired_keys_have_one_text(alice, make):
    response = Client().get("/me", headers={"X-API-Key": make(alice)})
    expected = "This API key is wrong, expired or revoked, or its owner is not active."
    assert (verdict(response), message(response)) == (unauthenticated("unknown_key"), expected)
