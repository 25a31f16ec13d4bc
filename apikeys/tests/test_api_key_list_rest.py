"""GET /api-keys: the caller's own keys, without their secrets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import ApiKey
from apikeys.tests.expected import shown, written
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import UNAUTHENTICATED, forbidden, invalid, verdict


@pytest.fixture
def issue(alice):
    return lambda owner=alice, **options: ApiKey.objects.issue(owner, SYSTEM, **options)[0]


def names(response):
    assert response.status_code == 200
    return [row["name"] for row in response.json()["results"]]


def test_a_list_is_a_page_of_keys_without_their_secrets(browser_client, alice, issue):
    key = issue()
    page = {"next": None, "previous": None, "results": [shown(key)]}
    assert browser_client(alice).get("/api-keys").json() == page


def test_a_user_without_keys_gets_an_empty_page(browser_client, bob):
    assert browser_client(bob).get("/api-keys").json() == {"next": None, "previous": None, "results": []}


def test_the_newest_key_comes_first(browser_client, alice, issue):
    for name in ("Older", "Newer"):
        issue(name=name)
    assert names(browser_client(alice).get("/api-keys")) == ["Newer", "Older"]


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_nobody_sees_the_keys_of_others(request, browser_client, bob, issue, who):
    issue(bob)
    assert names(browser_client(request.getfixturevalue(who)).get("/api-keys")) == []


def test_expired_and_revoked_keys_stay_in_the_list(half_past_nine, browser_client, alice, issue, time_machine):
    an_hour_later = timezone.now() + timedelta(hours=1)
    expiring, revoked = issue(expires_at=an_hour_later), issue()
    revoked.revoke(Actor(alice))
    time_machine.move_to(an_hour_later, tick=False)
    assert browser_client(alice).get("/api-keys").json()["results"] == [
        shown(revoked, revoked_at=half_past_nine),
        shown(expiring, expires_at=written(an_hour_later)),
    ]


def test_the_last_use_is_shown(half_past_nine, browser_client, alice, api):
    api(alice)
    [row] = browser_client(alice).get("/api-keys").json()["results"]
    assert row["last_used_at"] == half_past_nine


def test_neither_secret_nor_digest_is_in_the_answer(browser_client, alice):
    key, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    answer = browser_client(alice).get("/api-keys").content.decode()
    assert key.hint in answer
    assert plaintext not in answer
    assert key.digest not in answer


def test_a_key_cannot_list_keys(api, alice):
    assert verdict(api(alice).get("/api-keys")) == forbidden("sign_in_required")


def test_a_key_is_checked_even_beside_the_cookie(api, alice):
    client = api(alice)
    client.force_login(alice)
    assert verdict(client.get("/api-keys")) == forbidden("sign_in_required")


def test_a_list_needs_a_credential(db, api):
    assert verdict(api().get("/api-keys")) == UNAUTHENTICATED


@pytest.mark.parametrize("query", ["scope=classes:read", "search=x", "ordering=name"])
def test_a_query_parameter_is_refused(browser_client, alice, query):
    field = query.partition("=")[0]
    assert verdict(browser_client(alice).get(f"/api-keys?{query}")) == invalid(field, "unknown_parameter")


def test_pages_can_be_followed_forwards_and_backwards(browser_client, alice, issue):
    for name in "123":
        issue(name=name)
    client = browser_client(alice)
    first = client.get("/api-keys?page_size=2")
    second = client.get(first.json()["next"])
    back = client.get(second.json()["previous"])
    assert [names(page) for page in (first, second, back)] == [["3", "2"], ["1"], ["3", "2"]]


def test_a_single_key_can_not_be_retrieved(browser_client, alice, issue):
    assert verdict(browser_client(alice).get(f"/api-keys/{issue().pk}")) == (405, "method_not_allowed", [])


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_three_statements_for_any_length(browser_client, alice, issue, django_assert_num_queries, count):
    for _ in range(count):
        issue()
    client = browser_client(alice)
    with django_assert_num_queries(3):  # the cookie's session, its user, the page
        response = client.get("/api-keys?page_size=100")
    assert len(names(response)) == count
