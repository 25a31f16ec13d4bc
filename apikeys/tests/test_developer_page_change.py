"""The developer page: rotating and revoking keys."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apikeys import secrets
from apikeys.models import ApiKey
from apikeys.tests.developer_page import PAGE, errors, token
from tutorarc.domain.events import Actor


@pytest.fixture
def browser(client, alice):
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def key(alice):
    made, _ = ApiKey.objects.issue(alice, Actor(alice), name="Timetable", scopes=["sessions:write"])
    return made


def state(row):
    return ApiKey.objects.filter(pk=row.pk).values().get()


@pytest.mark.parametrize(("overlap", "hours"), [("0", 0), ("1", 1), ("24", 24), ("168", 168)])
def test_the_old_secret_works_during_the_overlap(browser, key, half_past_nine, overlap, hours):
    path = f"{PAGE}/{key.pk}/rotate"
    response = browser.post(path, {"token": token(browser, path), "overlap": overlap})
    fresh = ApiKey.objects.exclude(pk=key.pk).get()
    assert (response.status_code, fresh.digest) == (200, secrets.digest(response.context["secret"]))
    assert (fresh.name, fresh.scopes, fresh.expires_at) == (key.name, key.scopes, None)
    assert state(key)["expires_at"] == timezone.now() + timedelta(hours=hours)
    assert "no-store" in response["Cache-Control"]


def test_the_default_overlap_is_one_day(browser, key):
    assert browser.get(f"{PAGE}/{key.pk}/rotate").context["form"]["overlap"].value() == "24"


def test_a_rotation_sent_twice_rotates_once(browser, key):
    path = f"{PAGE}/{key.pk}/rotate"
    form = {"token": token(browser, path), "overlap": "0"}
    assert [browser.post(path, form).status_code for _ in range(2)] == [200, 409]
    assert ApiKey.objects.count() == 2


def test_a_wrong_overlap_is_shown_beside_its_field(browser, key):
    path, before = f"{PAGE}/{key.pk}/rotate", state(key)
    response = browser.post(path, {"token": token(browser, path), "overlap": "2"})
    assert (response.status_code, list(errors(response))) == (400, ["overlap"])
    assert (ApiKey.objects.count(), state(key)) == (1, before)


def test_a_revoked_or_expired_key_is_not_offered_rotation(browser, key, alice):
    path = f"{PAGE}/{key.pk}/rotate"
    form = {"token": token(browser, path), "overlap": "0"}
    key.revoke(Actor(alice))
    response = browser.post(path, form)
    assert (response.status_code, response.context["notice"]) == (409, ApiKey.Closed.message)
    assert ApiKey.objects.count() == 1
    assert "can’t be rotated" in browser.get(path).content.decode()


def test_revoking_asks_first_and_then_takes_effect(browser, key, half_past_nine):
    path = f"{PAGE}/{key.pk}/revoke"
    assert key.hint in browser.get(path).content.decode()
    assert state(key)["revoked_at"] is None
    response = browser.post(path)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert state(key)["revoked_at"] == timezone.now()
    assert "“Timetable” was revoked" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("action", ["rotate", "revoke"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_users_key_is_not_found(client, charlie, key, action, method):
    client.force_login(charlie)
    before = state(key)
    form = {"token": token(client), "overlap": "0"}
    assert getattr(client, method)(f"{PAGE}/{key.pk}/{action}", form).status_code == 404
    assert (state(key), ApiKey.objects.count()) == (before, 1)


@pytest.mark.parametrize("wrong", ["key_1", "cls_01h455vb4pex5vsknk084sn02q", "%00", "key_zzzzzzzzzzzzzzzzzzzzzzzzzz"])
def test_a_malformed_id_is_not_found(browser, wrong):
    assert browser.get(f"{PAGE}/{wrong}/rotate").status_code == 404


@pytest.mark.parametrize("page", ["/new", "/{key}/rotate", "/{key}/revoke"])
def test_other_sites_cannot_send_these_forms(browser_client, alice, key, page):
    """Django's own client: the API's sends JSON."""
    foreign = Client(enforce_csrf_checks=True)
    foreign.force_login(alice)
    before = state(key)
    response = foreign.post(PAGE + page.format(key=key.pk), {"token": token(foreign), "overlap": "0"})
    assert (response.status_code, state(key), ApiKey.objects.count()) == (403, before, 1)
