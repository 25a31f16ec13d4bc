from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tutorarc.testing.client import Client

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


def test_every_answer_counts_down_and_one_too_many_is_refused_until_the_minute_is_over(clock, api, bob):
    student = api(bob)
    assert [limits(student.get("/me")) for _ in range(4)] == [
        [200, "3", "2", "40", None],
        [200, "3", "1", "40", None],
        [200, "3", "0", "40", None],
        [429, "3", "0", "40", "40"],
    ]
    clock.shift(timedelta(seconds=40))
    assert limits(student.get("/me")) == [200, "3", "2", "60", None]


def test_the_refusal_has_the_one_shape(clock, api, bob):
    student = api(bob)
    refused = [student.get("/me") for _ in range(4)][-1].json()
    assert (refused["status"], refused["error"]["code"], refused["error"]["details"]) == ("error", "RATE_LIMITED", [])


def test_all_keys_of_a_person_and_their_cookie_are_counted_together(clock, api, bob, browser_client):
    clients = [api(bob), api(bob), browser_client(bob), api(bob)]
    assert [client.get("/me").status_code for client in clients] == [200, 200, 200, 429]


def test_each_person_is_counted_alone(clock, api, bob, charlie):
    for _ in range(3):
        api(bob).get("/me")
    assert limits(api(charlie).get("/me")) == [200, "3", "2", "40", None]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("post", "/classes", 403), ("get", "/classes/cls_1", 404), ("delete", "/me", 405)]
)
def test_errors_count_too_and_carry_the_headers(clock, api, bob, method, path, status):
    assert limits(getattr(api(bob), method)(path)) == [status, "3", "2", "40", None]


def test_the_role_is_checked_before_the_limit_and_the_limit_before_existence(clock, api, bob):
    student = api(bob)
    for _ in range(3):
        student.get("/me")
    assert student.post("/classes", {"title": "Algebra"}).status_code == 403
    assert student.get("/classes/cls_1").status_code == 429
    assert student.options("/me").status_code == 429


def test_who_is_not_known_has_no_headers_but_where_a_call_is_open_to_all_the_address_is_counted(clock, api, schedule):
    assert limits(api().get("/me")) == [401, None, None, None, None]
    admission = f"/sessions/{schedule().pk}/admission?role=student"
    assert [api().get(admission, REMOTE_ADDR="10.0.0.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert api().get(admission, REMOTE_ADDR="10.0.0.2").status_code == 200


@pytest.mark.parametrize("credential", [{}, {"X-API-Key": "wrong"}])
def test_calls_that_are_refused_for_their_credential_are_counted_by_address(clock, db, credential):
    def call(address):
        return limits(Client().get("/me", headers=credential, REMOTE_ADDR=address))

    refused, limited = [401, None, None, None, None], [429, None, None, None, "40"]
    assert [call("2001:db8::1") for _ in range(3)] == [refused] * 3
    assert [call("2001:db8::2"), call("10.0.0.1")] == [limited, refused]


def test_they_use_up_nothing_of_the_calls_that_need_no_credential(clock, api, schedule, bob):
    path = f"/sessions/{schedule().pk}/admission?role=student"
    for _ in range(4):
        api().get("/me")
    assert (api().get(path).status_code, api(bob).get("/me").status_code) == (200, 200)


def test_the_limit_can_be_switched_off(settings, api, bob):
    settings.RATE_LIMIT = None
    student = api(bob)
    assert [limits(student.get("/me")) for _ in range(4)][-1] == [200, None, None, None, None]
    assert [limits(api().get("/me")) for _ in range(4)][-1] == [401, None, None, None, None]
