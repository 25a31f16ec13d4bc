from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apikeys.secrets import new_key
from tutorarc.models import LimitCount
from tutorarc.testing.client import Client, verdict

TWENTY_PAST = datetime(2026, 3, 14, 9, 30, 20, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(TWENTY_PAST, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def three_a_minute(settings):
    settings.RATE_LIMIT = 3


def limits(response):
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After")
    return [response.status_code, *(response.headers.get(name) for name in names)]


def test_the_remaining_count_decreases_and_the_call_over_the_limit_is_429(clock, api, bob):
    student = api(bob)
    assert [limits(student.get("/me")) for _ in range(4)] == [
        [200, "3", "2", "100", None],
        [200, "3", "1", "70", None],
        [200, "3", "0", "60", None],
        [429, "3", "0", "60", "60"],
    ]
    clock.shift(timedelta(seconds=59))
    assert limits(student.get("/me")) == [429, "3", "0", "1", "1"]
    clock.shift(timedelta(seconds=1))
    assert limits(student.get("/me")) == [200, "3", "0", "20", None]


def test_refused_requests_do_not_count(clock, api, bob):
    student = api(bob)
    assert [student.get("/me").status_code for _ in range(20)] == [200] * 3 + [429] * 17
    clock.shift(timedelta(seconds=60))
    assert student.get("/me").status_code == 200


def test_the_refusal_has_the_error_format(clock, api, bob):
    student = api(bob)
    refused = [student.get("/me") for _ in range(4)][-1]
    assert verdict(refused) == (429, "rate_limited", [])


def test_all_keys_and_the_cookie_of_a_user_are_counted_together(clock, api, bob, browser_client):
    clients = [api(bob), api(bob), browser_client(bob), api(bob)]
    assert [client.get("/me").status_code for client in clients] == [200, 200, 200, 429]


def test_each_user_is_counted_separately(clock, api, bob, charlie):
    for _ in range(3):
        api(bob).get("/me")
    assert limits(api(charlie).get("/me")) == [200, "3", "2", "100", None]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("post", "/classes", 403), ("get", "/classes/cls_1", 404), ("delete", "/me", 405)]
)
def test_errors_count_too_and_have_the_headers(clock, api, bob, method, path, status):
    assert limits(getattr(api(bob), method)(path)) == [status, "3", "2", "100", None]


def test_the_role_is_checked_before_the_limit_and_the_limit_before_existence(clock, api, bob):
    student = api(bob)
    for _ in range(3):
        student.get("/me")
    assert student.post("/classes", {"title": "Algebra"}).status_code == 403
    assert student.get("/classes/cls_1").status_code == 429
    assert student.options("/me").status_code == 429


def test_anonymous_calls_are_counted_by_address_where_they_are_allowed(clock, api, schedule):
    assert limits(api().get("/me")) == [401, None, None, None, None]
    admission = f"/sessions/{schedule().pk}/admission?role=student"
    assert [api().get(admission, REMOTE_ADDR="10.0.0.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert api().get(admission, REMOTE_ADDR="10.0.0.2").status_code == 200


UNKNOWN_KEY = {"X-API-Key": new_key()}


@pytest.mark.parametrize("credential", [{}, {"X-API-Key": "wrong"}, UNKNOWN_KEY], ids=["none", "malformed", "unknown"])
def test_calls_with_a_refused_credential_are_counted_by_address(clock, db, credential):
    def call(address):
        return limits(Client().get("/me", headers=credential, REMOTE_ADDR=address))

    refused, limited = [401, None, None, None, None], [429, None, None, None, "60"]
    assert [call("2001:db8::1") for _ in range(3)] == [refused] * 3
    assert [call("2001:db8::2"), call("10.0.0.1")] == [limited, refused]


def test_unknown_keys_are_counted_in_the_database_and_other_requests_are_not(clock, api, bob):
    for credential in (UNKNOWN_KEY, {"X-API-Key": "wrong"}):
        Client().get("/me", headers=credential)
    api().get("/me")
    api(bob).get("/me")
    assert [str(row).partition(":")[0] for row in LimitCount.objects.all()] == ["unknown-key"]


def test_an_unknown_key_over_the_limit_is_looked_up_and_writes_nothing(clock, db, django_assert_num_queries):
    for _ in range(3):
        Client().get("/me", headers=UNKNOWN_KEY)
    with django_assert_num_queries(2):
        assert Client().get("/me", headers=UNKNOWN_KEY).status_code == 429


def test_refused_credentials_do_not_count_as_anonymous_calls(clock, api, schedule, bob):
    path = f"/sessions/{schedule().pk}/admission?role=student"
    for _ in range(4):
        api().get("/me")
    assert (api().get(path).status_code, api(bob).get("/me").status_code) == (200, 200)


def test_the_limit_can_be_switched_off(settings, api, bob):
    settings.RATE_LIMIT = None
    student = api(bob)
    assert [limits(student.get("/me")) for _ in range(4)][-1] == [200, None, None, None, None]
    assert [limits(api().get("/me")) for _ in range(4)][-1] == [401, None, None, None, None]


# Pages


PAGES = ["/", "/accounts/login/", "/accounts/forgotten/", "/api/docs", "/api/schema", "/nothing"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_without_a_sign_in_are_limited_by_address_ten_times_as_high(clock, client, db, path):
    def get(address):
        response = client.get(path, REMOTE_ADDR=address)
        return response.status_code, response.headers.get("Retry-After")

    usual = get("2001:db8::1")
    assert [get("2001:db8::1") for _ in range(29)] == [usual] * 29
    assert [get("2001:db8::2"), get("10.0.0.1")] == [(429, "42"), usual]


def test_a_lobby_is_limited_and_a_missing_one_too(clock, client, schedule, settings):
    settings.BOARD_URL = "http://localhost"
    for number, session in enumerate([schedule().pk, "session_01m80termse2ft79mvwngx90p2"]):
        statuses = [client.get(f"/join?id={session}", REMOTE_ADDR=f"10.0.0.{number}").status_code for _ in range(31)]
        assert (len(set(statuses[:30])), statuses[30]) == (1, 429)


def test_pages_of_a_signed_in_user_and_health_checks_are_not_limited(clock, client, bob):
    client.force_login(bob)
    assert {client.get("/").status_code for _ in range(31)} == {200}
    client.logout()
    assert {client.get("/healthz").status_code for _ in range(31)} == {200}


def test_an_invented_session_cookie_makes_no_known_caller(clock, client, db):
    client.cookies["sessionid"] = "a" * 32
    assert [client.get("/").status_code for _ in range(31)] == [200] * 30 + [429]


def test_no_limit_means_none_for_pages_either(settings, client, db):
    settings.RATE_LIMIT = None
    assert {client.get("/").status_code for _ in range(31)} == {200}
