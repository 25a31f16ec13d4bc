"""The access log: one line for each request, with caller, route and durations."""

import json
import logging

import pytest
from django import urls
from django.db import connection
from django.http import HttpResponse

from apikeys import secrets
from tutorarc.db.request_costs import costs
from tutorarc.http.access_log import QUEUE_SECONDS
from tutorarc.http.json_logs import JsonFormatter


@pytest.fixture
def lines(caplog):
    """`lines()`: what was logged of each request, as it is written."""
    caplog.set_level(logging.INFO, logger="tutorarc.access")

    def collect():
        records = [record for record in caplog.records if record.name == "tutorarc.access"]
        return [json.loads(JsonFormatter().format(record)) for record in records]

    return collect


def test_a_line_has_every_field(lines, api, alice, algebra, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(2):
        client.get(f"/classes/{algebra.pk}", headers={"X-Request-ID": "mine-1"})
    [line] = lines()
    assert isinstance(line.pop("milliseconds"), float)
    assert isinstance(line.pop("database_milliseconds"), float)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "tutorarc.access",
        "message": "request",
        "request_id": "mine-1",
        "method": "GET",
        "path": f"/api/v1/classes/{algebra.pk}",
        "route": "/api/v1/classes/<class_id>",
        "address": "127.0.0.1",
        "user": alice.pk,
        "key": alice.api_keys.get().hint[:12],
        "status": 200,
        "queue_milliseconds": None,
        "cache_milliseconds": 0.0,
        "statements": 2,
    }


def test_the_address_is_the_clients(lines, client, settings):
    settings.TRUSTED_PROXIES = 1
    client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.1, [2001:db8::1]:4711"})
    client.options(
        "/api/v1/me",
        headers={"X-Forwarded-For": "203.0.113.9", "Origin": "https://x.io", "Access-Control-Request-Method": "GET"},
    )
    assert [line["address"] for line in lines()] == ["2001:db8::1", "203.0.113.9"]


class Clock:
    """Each look at it takes 10 milliseconds."""

    now = 0.0

    def perf_counter(self):
        self.now += 0.01
        return self.now


@pytest.fixture
def slow_clock(monkeypatch):
    monkeypatch.setattr("tutorarc.db.request_costs.time", Clock())
    costs.reset()


def test_the_time_in_the_database_is_that_of_the_statements(lines, slow_clock, api, alice, algebra):
    client = api(alice)
    for _ in range(2):
        client.get(f"/classes/{algebra.pk}")
    assert [(line["statements"], line["database_milliseconds"]) for line in lines()] == [(2, 20.0)] * 2


@pytest.mark.django_db(transaction=True)
def test_on_postgresql_it_includes_connecting_and_the_ends_of_transactions(slow_clock):
    connection.close()
    connection.set_autocommit(False)
    connection.commit()
    connection.rollback()
    connection.set_autocommit(True)
    assert (costs.statements, round(costs.database, 3)) == (0, 0.03 if connection.vendor == "postgresql" else 0.0)


def test_the_time_in_the_queue_is_that_of_overload_control(lines, client):
    client.get("/healthz", **{QUEUE_SECONDS: 0.0123})
    assert [line["queue_milliseconds"] for line in lines()] == [12.3]


def caller(line):
    return line["user"], line["key"]


def test_with_a_cookie_the_line_has_a_user_and_no_key(lines, signed_in, client, alice):
    signed_in(alice).get("/me")
    client.force_login(alice)
    client.get("/developers/keys")
    assert [caller(line) for line in lines()] == [(alice.pk, None)] * 2


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": secrets.new_key()}], ids=["no key", "a wrong key"])
def test_an_unknown_caller_has_no_user_and_no_key(lines, api, db, headers):
    api().get("/me", headers=headers)
    [line] = lines()
    assert (caller(line), line["status"]) == ((None, None), 401)


def test_a_cookie_is_not_looked_up_for_the_log(lines, client, alice, django_assert_num_queries):
    client.force_login(alice)
    with django_assert_num_queries(0):
        client.get("/healthz")
    [line] = lines()
    assert (caller(line), line["statements"]) == ((None, None), 0)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/healthz", "/healthz"),
        ("/api/v1/classes", "/api/v1/classes"),
        ("/api/v1/classes/cls_123/members/approve", "/api/v1/classes/<class_id>/members/approve"),
        ("/api/v1/sessions/x/admission", "/api/v1/sessions/<session_id>/admission"),
        ("/api/v1/nowhere", None),
        ("/static/tutorarc/site.css", None),
    ],
)
def test_the_route_is_the_address_without_its_ids(lines, client, db, path, route):
    client.get(path).close()
    [line] = lines()
    assert (line["path"], line["route"]) == (path, route)


urlpatterns = [urls.path("links/<person>/<token>/", lambda request, **parts: HttpResponse())]


def test_a_one_time_link_is_logged_without_what_makes_it_work(lines, client, settings):
    settings.ROOT_URLCONF = __name__
    client.get("/links/erin/c5x3-0123456789abcdef/")
    [line] = lines()
    assert (line["path"], line["route"]) == ("/links/erin/.../", "/links/<person>/<token>/")


def test_a_key_that_came_in_an_address_is_cut_to_its_first_characters(lines, client, db):
    key = secrets.new_key()
    client.get(f"/api/v1/classes/{key}")
    client.get(f"/{key}/")
    assert [line["path"] for line in lines()] == [f"/api/v1/classes/{key[:12]}...", f"/{key[:12]}.../"]


def test_a_key_in_a_message_or_an_exception_is_cut_too():
    key = secrets.new_key()
    try:
        raise ValueError(f"no key: {key!r}")
    except ValueError as error:
        fault = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("tutorarc", logging.ERROR, __file__, 1, "Sent: %s", (key,), fault)
    written = json.loads(JsonFormatter().format(record))
    assert written["message"] == f"Sent: {key[:12]}..."
    assert f"ValueError: no key: '{key[:12]}...'" in written["exception"]


@pytest.mark.parametrize(("name", "traced"), [("django.security.DisallowedHost", False), ("django.request", True)])
def test_client_errors_are_logged_without_a_traceback(name, traced):
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, "Wrong", (), (ValueError, ValueError("x"), None))
    assert ("exception" in json.loads(JsonFormatter().format(record))) is traced


def test_there_are_at_most_ten_tracebacks_a_second(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("tutorarc.http.json_logs.time.monotonic", lambda: now[0])
    try:
        raise ValueError("x")
    except ValueError as error:
        fault = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("tutorarc", logging.ERROR, __file__, 1, "Wrong", (), fault)
    formatter = JsonFormatter()

    def collect(count):
        return [json.loads(formatter.format(record))["exception"] for _ in range(count)]

    [traced] = collect(1)
    assert "Traceback" in traced
    assert collect(11) == [traced] * 9 + ["ValueError: x"] * 2
    now[0] = 101.0
    assert collect(11) == [traced] * 10 + ["ValueError: x"]
