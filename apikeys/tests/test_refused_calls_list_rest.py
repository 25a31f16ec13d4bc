"""GET /api-keys/{id}/refusals: the calls of one's own key that were answered with an error."""

from datetime import timedelta

import pytest
from django.conf import settings

from apikeys.models import ApiKey
from apikeys.tests.expected import NO_KEY, written
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid_parameter, verdict

EMPTY = {"next": None, "previous": None, "results": []}


@pytest.fixture
def listed(browser_client, alice, key):
    """`listed("status=409")`: the ids of the answer."""

    def get(query=""):
        response = browser_client(alice).get(f"/api-keys/{key.pk}/refusals?{query}")
        assert response.status_code == 200, response.content
        return [row["id"] for row in response.json()["results"]]

    return get


def test_a_row_has_every_field(browser_client, alice, key, refuse):
    call = refuse(fields=[{"field": "title", "code": "required"}], path="/api/v1/classes/c", route="/api/v1/{class_id}")
    row = {
        "id": call.pk,
        "created_at": written(call.created_at),
        "method": "GET",
        "path": "/api/v1/classes/c",
        "route": "/api/v1/{class_id}",
        "status": 400,
        "reason": "unknown_field",
        "message": "M",
        "fields": [{"field": "title", "code": "required"}],
        "request_id": "req_1",
    }
    assert browser_client(alice).get(f"/api-keys/{key.pk}/refusals").json() == {**EMPTY, "results": [row]}


def test_a_real_refusal_is_listed(logged, browser_client, key_of, alice):
    key, client = key_of(alice)
    error = client.post("/classes", {"titel": "A"}).json()["error"]
    logged()
    [row] = browser_client(alice).get(f"/api-keys/{key.pk}/refusals").json()["results"]
    assert {name: row[name] for name in ("reason", "message", "request_id")} == {
        name: error[name] for name in ("reason", "message", "request_id")
    }
    assert row["fields"] == [{"field": detail["field"], "code": detail["code"]} for detail in error["details"]]


def test_the_newest_comes_first_and_a_week_is_shown(listed, refuse):
    older, newer = refuse(age=settings.KEEP_REFUSED_CALLS - timedelta(minutes=1)), refuse()
    refuse(age=settings.KEEP_REFUSED_CALLS + timedelta(minutes=1))
    assert listed() == [newer.pk, older.pk]


def test_only_calls_of_this_key_are_listed(listed, refuse, alice, bob):
    mine = refuse()
    refuse(of=ApiKey.objects.issue(alice, SYSTEM)[0])
    refuse(of=ApiKey.objects.issue(bob, SYSTEM)[0])
    assert listed() == [mine.pk]


def test_calls_of_a_revoked_key_are_listed(listed, refuse, key, alice):
    call = refuse()
    key.revoke(Actor(alice))
    assert listed() == [call.pk]


def test_a_list_takes_four_statements(refuse, browser_client, alice, key, django_assert_num_queries):
    for _ in range(3):
        refuse()
    client = browser_client(alice)
    with django_assert_num_queries(4):  # session, person, key, calls
        client.get(f"/api-keys/{key.pk}/refusals")


def test_pages_can_be_followed(refuse, browser_client, alice, key):
    calls = [refuse().pk for _ in range(3)]
    client, seen = browser_client(alice), []
    address = f"/api-keys/{key.pk}/refusals?page_size=2"
    while address:
        page = client.get(address).json()
        seen.append([row["id"] for row in page["results"]])
        address = page["next"]
    assert seen == [[calls[2], calls[1]], [calls[0]]]


# Filters


@pytest.mark.parametrize("query", ["status=409", "reason=class_archived", "request_id=req_2"])
def test_a_filter_selects_the_calls_that_are_equal(listed, refuse, query):
    refuse()
    other = refuse(status=409, reason="class_archived", request_id="req_2")
    assert listed(query) == [other.pk]


@pytest.mark.parametrize("query", ["status=404", "reason=not_a_member", "request_id=req", "request_id=REQ_1"])
def test_a_filter_that_nothing_equals_gives_an_empty_list(listed, refuse, query):
    refuse()
    assert listed(query) == []


def test_a_range_of_times_excludes_its_ends(listed, refuse):
    calls = [refuse(age=timedelta(hours=hours)) for hours in (3, 2, 1)]
    start, end = (written(calls[number].created_at) for number in (0, 2))
    assert listed(f"created_after={start}&created_before={end}") == [calls[1].pk]


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("status=200", "status", "invalid_choice"),
        ("status=x", "status", "invalid_choice"),
        ("reason=unknown", "reason", "invalid_choice"),
        ("request_id=", "request_id", "blank"),
        ("request_id=" + "x" * 129, "request_id", "max_length"),
        ("created_after=yesterday", "created_after", "invalid"),
        ("cursor=x", "cursor", "invalid"),
        ("page_size=0", "page_size", "invalid"),
        ("key=x", "key", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_refused(browser_client, alice, key, query, name, code):
    answer = browser_client(alice).get(f"/api-keys/{key.pk}/refusals?{query}")
    assert verdict(answer) == invalid_parameter(name, code)


# Who


@pytest.mark.parametrize("who", ["bob", "admin"])
def test_the_key_of_somebody_else_is_not_found(request, browser_client, key, who):
    assert verdict(browser_client(request.getfixturevalue(who)).get(f"/api-keys/{key.pk}/refusals")) == NOT_FOUND


@pytest.mark.parametrize("key_id", [NO_KEY, "key_1", "x"])
def test_a_key_that_does_not_exist_is_not_found(browser_client, alice, key_id):
    assert verdict(browser_client(alice).get(f"/api-keys/{key_id}/refusals")) == NOT_FOUND


def test_a_key_cannot_read_the_refusals(key_of, alice):
    key, client = key_of(alice)
    assert verdict(client.get(f"/api-keys/{key.pk}/refusals")) == forbidden("sign_in_required")


def test_a_list_needs_a_credential(api, key):
    assert verdict(api().get(f"/api-keys/{key.pk}/refusals")) == UNAUTHENTICATED


def test_a_browser_is_led_to_the_log(browser_client, alice, key):
    page = browser_client(alice).get(f"/api-keys/{key.pk}/refusals", headers={"Accept": "text/html"})
    assert (page.status_code, f'href="/developers/log?key={key.pk}"' in page.text) == (200, True)
