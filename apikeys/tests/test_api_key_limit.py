"""At most 50 keys that are neither revoked nor expired for each person, in every way to create one."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apikeys.models import MAX_KEYS, ApiKey
from apikeys.tests.developer_page import NEW, token
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import conflict, verdict
from tutorarc.tests.staff.admin_site import Site, errors

REFUSAL = "A person can have at most 50 API keys that work. Revoke one first."


def give_keys(owner, count):
    ApiKey.objects.bulk_create(ApiKey(owner=owner, name="Old", digest=f"{owner.pk}{n:03}") for n in range(count))


@pytest.fixture
def full(alice):
    """Alice with as many keys as she may have."""
    give_keys(alice, MAX_KEYS)
    return alice


def test_the_limit_is_fifty():
    assert MAX_KEYS == 50


def test_the_fiftieth_key_is_created_and_the_next_is_refused(signed_in, alice):
    give_keys(alice, 49)
    client = signed_in(alice)
    assert client.post("/api-keys", {"name": "Mine"}).status_code == 201
    response = client.post("/api-keys", {"name": "Mine"})
    assert (verdict(response), ApiKey.objects.count()) == (conflict("too_many_api_keys"), 50)
    assert response.json()["error"]["message"] == REFUSAL


def test_keys_of_others_do_not_count(signed_in, full, bob):
    assert signed_in(bob).post("/api-keys", {"name": "Mine"}).status_code == 201


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_key_does_not_count(signed_in, full, end):
    ApiKey.objects.filter(pk=ApiKey.objects.first().pk).update(**{end: timezone.now()})
    assert signed_in(full).post("/api-keys", {"name": "Mine"}).status_code == 201


def test_a_rotation_beside_the_old_key_is_refused_and_changes_nothing(signed_in, full):
    key = ApiKey.objects.first()
    response = signed_in(full).post(f"/api-keys/{key.pk}/rotate", {"overlap_hours": 1})
    key.refresh_from_db()
    assert (verdict(response), key.expires_at) == (conflict("too_many_api_keys"), None)


def test_a_rotation_without_overlap_replaces_the_key(signed_in, full):
    key = ApiKey.objects.first()
    response = signed_in(full).post(f"/api-keys/{key.pk}/rotate", {"overlap_hours": 0})
    assert (response.status_code, ApiKey.objects.unexpired().count()) == (201, 50)


def test_the_developer_page_says_so_and_keeps_what_was_typed(client, full):
    client.force_login(full)
    form = {"token": token(client), "name": "Sync", "access": "all", "life": "never"}
    response = client.post(NEW, form)
    assert (response.status_code, response.context["notice"], ApiKey.objects.count()) == (409, REFUSAL, 50)
    assert response.context["form"]["name"].value() == "Sync"
    ApiKey.objects.first().revoke(Actor(full))
    assert client.post(NEW, form).status_code == 200


def test_the_admin_site_shows_the_refusal_on_the_form(root, full):
    page = Site(root, "apikeys_apikey").add(owner=full.pk, name="Import", scopes=["classes:read"])
    assert (errors(page), ApiKey.objects.count()) == ({"__all__": [REFUSAL]}, 50)


def test_the_command_refuses_it(full):
    with pytest.raises(CommandError, match="at most 50 API keys"):
        call_command("create_api_key", full.email, stdout=StringIO())
    assert ApiKey.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_keys_created_at_the_same_time_stay_within_the_limit(alice, run_together):
    give_keys(alice, 48)
    answers = run_together([lambda: ApiKey.objects.issue(alice, SYSTEM)] * 5)
    assert [type(answer) for answer in answers].count(ApiKey.TooMany) == 3
    assert ApiKey.objects.count() == 50
