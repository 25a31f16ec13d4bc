import hashlib
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apikeys import secrets
from apikeys.models import ApiKey
from apikeys.tests.database_text import whole_database
from tutorarc.api.scopes import SCOPES
from tutorarc.db.ids import moment_of
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.events import events_about, events_of
from tutorarc.tests.staff.admin_site import recorded, state

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


def swapped(text, index):
    """The text with one character replaced by another of its alphabet."""
    other = "3" if text[index] == "2" else "2"
    return text[:index] + other + text[index + 1 :]


def owner_of(secret):
    """The key that is found, and its owner."""
    key = ApiKey.objects.find(secret)
    assert key is not None
    return key, key.owner


# What a key looks like


def test_a_key_is_a_prefix_160_random_bits_and_a_checksum():
    assert re.fullmatch("ta_live_[a-z2-7]{32}[0-9a-f]{8}", secrets.new_key(), re.ASCII) is not None
    assert secrets.RANDOM_BYTES * 8 == 160


def test_no_two_keys_are_alike():
    assert len({secrets.new_key() for _ in range(1000)}) == 1000


def test_a_new_key_is_well_formed():
    assert secrets.is_well_formed(secrets.new_key()) is True


def test_the_checksum_detects_a_typo_in_any_character():
    key = secrets.new_key()
    assert [index for index in range(len(key)) if secrets.is_well_formed(swapped(key, index))] == []


@pytest.mark.parametrize("change", [str.upper, lambda key: key + "\n", lambda key: key[:-1], lambda key: "x" + key])
def test_a_key_in_another_form_is_no_key(change):
    assert secrets.is_well_formed(change(secrets.new_key())) is False


# Issuing


def test_issuing_gives_the_key_and_its_secret_and_is_recorded(noon, alice, admin):
    key, secret = ApiKey.objects.issue(alice, Actor(admin), name=" Import ", scopes=["classes:read"])
    assert state(key) == {
        "id": key.pk,
        "owner_id": alice.pk,
        "name": "Import",
        "made_by_id": admin.pk,
        "digest": hashlib.sha256(secret.encode()).hexdigest(),
        "hint": f"{secret[:12]}…{secret[-4:]}",
        "scopes": ["classes:read"],
        "created_at": moment_of("key", key.pk),
        "expires_at": None,
        "revoked_at": None,
        "last_used_at": None,
        "replaces_id": None,
    }
    assert recorded(key) == [("created", "Admin")]


def test_a_key_has_every_scope_by_default(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    assert (key.scopes, [scope for scope in SCOPES if key.allows(scope)]) == (list(SCOPES), list(SCOPES))


def test_a_key_allows_its_own_scopes_and_no_others(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM, scopes=["members:read"])
    assert [scope for scope in SCOPES if key.allows(scope)] == ["members:read"]


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        ([], "blank"),
        (["classes:read", "classes:read"], "scopes"),
        (["classes:delete"], "unknown_scope"),
        (["classes:read", "*"], "unknown_scope"),
        (["CLASSES:READ"], "unknown_scope"),
        ([None], "unknown_scope"),
        ([["classes:read"]], "unknown_scope"),
        ("classes:read", "scopes"),
    ],
)
def test_wrong_scopes_are_refused(alice, scopes, code):
    with pytest.raises(ValidationError) as refused:
        ApiKey.objects.issue(alice, SYSTEM, scopes=scopes)
    assert [error.code for error in refused.value.error_dict["scopes"]] == [code]
    assert (ApiKey.objects.count(), len(events_about(ApiKey))) == (0, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"expires_at": NOON}, "expires_at"),
        ({"expires_at": NOON - MINUTE}, "expires_at"),
    ],
)
def test_a_wrong_value_is_refused(noon, alice, values, field):
    with pytest.raises(ValidationError) as refused:
        ApiKey.objects.issue(alice, SYSTEM, **values)
    assert (list(refused.value.error_dict), ApiKey.objects.count()) == ([field], 0)


def test_two_keys_with_one_digest_are_impossible(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.bulk_create([ApiKey(owner=alice, name="Duplicate", digest=key.digest)])


# Finding


def test_a_key_is_found_with_its_owner_in_one_statement(alice, django_assert_num_queries):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    with django_assert_num_queries(1):
        assert owner_of(secret) == (key, alice)


def test_a_typo_costs_no_statement(alice, django_assert_num_queries):
    _, secret = ApiKey.objects.issue(alice, SYSTEM)
    with django_assert_num_queries(0):
        assert [ApiKey.objects.find(text) for text in (swapped(secret, 20), "", "junk", "\0", "é")] == [None] * 5


def test_a_well_formed_key_that_nobody_issued_is_not_found(alice):
    ApiKey.objects.issue(alice, SYSTEM)
    assert ApiKey.objects.find(secrets.new_key()) is None


def test_neither_the_digest_nor_the_hint_is_accepted_as_a_key(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    assert [ApiKey.objects.find(text) for text in (key.digest, key.hint)] == [None, None]


def test_a_key_is_found_only_until_it_expires(noon, alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM, expires_at=NOON + MINUTE)
    noon.move_to(NOON + MINUTE - timedelta(microseconds=1), tick=False)
    assert ApiKey.objects.find(secret) == key
    noon.move_to(NOON + MINUTE, tick=False)
    assert ApiKey.objects.find(secret) is None


def test_the_key_of_an_inactive_owner_is_not_found(alice):
    _, secret = ApiKey.objects.issue(alice, SYSTEM)
    alice.edit(SYSTEM, is_active=False)
    assert ApiKey.objects.find(secret) is None


def test_each_key_acts_only_as_its_own_owner(alice, bob):
    (_, alices), (_, bobs) = ApiKey.objects.issue(alice, SYSTEM), ApiKey.objects.issue(bob, SYSTEM)
    assert [owner_of(secret)[1] for secret in (alices, bobs)] == [alice, bob]


# Revoking


def test_a_revoked_key_is_refused_from_the_next_request_on(api, alice):
    client = api(alice)
    assert client.get("/me").status_code == 200
    ApiKey.objects.get().revoke(Actor(alice))
    assert client.get("/me").status_code == 401


def test_revoking_is_recorded_once_and_its_time_stays(noon, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    stale = ApiKey.objects.get()
    key.revoke(Actor(alice))
    noon.move_to(NOON + MINUTE, tick=False)
    key.revoke(Actor(alice))
    stale.revoke(Actor(alice))
    assert (state(key)["revoked_at"], recorded(key)) == (NOON, [("created", None), ("revoked", "Alice")])


def test_revoking_one_key_leaves_the_others_usable(alice):
    (key, closed), (other, opened) = ApiKey.objects.issue(alice, SYSTEM), ApiKey.objects.issue(alice, SYSTEM)
    key.revoke(Actor(alice))
    assert [ApiKey.objects.find(secret) for secret in (closed, opened)] == [None, other]


# The last use


def test_the_first_use_is_noted(noon, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    key.touch()
    assert state(key)["last_used_at"] == NOON


def test_a_use_is_noted_at_most_once_a_minute(noon, alice, django_assert_num_queries):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    key.touch()
    noon.move_to(NOON + MINUTE - timedelta(microseconds=1), tick=False)
    with django_assert_num_queries(0):
        ApiKey(pk=key.pk, last_used_at=NOON).touch()
    assert state(key)["last_used_at"] == NOON
    noon.move_to(NOON + MINUTE, tick=False)
    with django_assert_num_queries(1):
        key.touch()
    assert state(key)["last_used_at"] == NOON + MINUTE


def test_only_one_of_two_concurrent_requests_notes_the_use(noon, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    duplicate = ApiKey.objects.get()
    key.touch()
    noon.move_to(NOON + MINUTE / 2, tick=False)
    duplicate.touch()
    assert state(key)["last_used_at"] == NOON


def test_a_use_leaves_no_record(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    key.touch()
    assert recorded(key) == [("created", None)]


# The secret


def test_the_dump_of_the_database_would_show_a_secret(alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM, name="Import")
    assert (key.digest in whole_database(), "'Import'" in whole_database()) == (True, True)
    ApiKey.objects.filter(pk=key.pk).update(name=secret)
    assert secret in whole_database()


def test_the_secret_is_nowhere_in_the_database_and_nowhere_in_the_logs(api, alice, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        client = api(alice)
        secret = client.defaults["HTTP_X_API_KEY"]
        body = secret[len(secrets.PREFIX) :]
        client.get("/me")
        client.post("/classes", {"title": "Algebra"}, headers={"Idempotency-Key": "once"})
        client.get(f"/me?key={secret}")
        ApiKey.objects.get().revoke(Actor(alice))
        client.get("/me")
    assert "request" in caplog.messages
    written = [whole_database(), *capfd.readouterr(), *(str(vars(record)) for record in caplog.records)]
    assert [text for text in written if body in text] == []


def test_the_text_of_a_key_is_its_name_and_hint(alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM, name="Import")
    assert str(key) == f"Import ({secret[:12]}…{secret[-4:]})"
    assert secret not in repr(vars(key))


def test_events_tell_no_digest(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    key.revoke(SYSTEM)
    assert key.digest not in str([vars(event) for event in events_of(key)])
