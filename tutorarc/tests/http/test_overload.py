"""Requests that waited too long in the proxy's queue are refused at once."""

import json
import logging
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from tutorarc.http import overload
from tutorarc.http.access_log import QUEUE_SECONDS
from tutorarc.http.json_logs import JsonFormatter
from tutorarc.http.overload import OverloadControl
from tutorarc.http.request_bodies import BodyReader
from tutorarc.http.security_headers import POLICY
from tutorarc.http.summary_log import SummaryLog
from tutorarc.http.work_slots import WorkSlots
from tutorarc.settings import BASE_DIR

STARTED, NOW = (datetime(2026, 3, 20, hour, tzinfo=UTC) for hour in (9, 10))
SERVED = ("200 OK", {}, b"served")


@pytest.fixture
def seen_waits():
    """What the application is told of the time in the queue, in seconds."""
    return []


@pytest.fixture
def request_started_early(settings, time_machine, monkeypatch, seen_waits):
    """`request_started_early("/", "t=1.5")`: status, headers and body of the answer with that `X-Request-Start`."""
    settings.TRUSTED_PROXIES = 1
    time_machine.move_to(STARTED, tick=False)
    monkeypatch.setattr(overload, "refusals", SummaryLog(logging.getLogger("tutorarc.overload")))

    def serve(environ, start_response):
        seen_waits.append(environ.get(QUEUE_SECONDS))
        start_response("200 OK", [])
        return [b"served"]

    application = OverloadControl(serve)

    def answer(path, start, proxy="10.0.0.1", client="192.0.2.1", method="GET"):
        answered = []

        def start_response(status, headers):
            answered.append((status, dict(headers)))

        headers = {"X-Request-Start": start, "X-Request-ID": "mine", "X-Forwarded-For": client}
        request = RequestFactory(headers=headers).generic(method, path)
        # Servers pass the bytes of the path as Latin-1.
        environ = request.environ | {"REMOTE_ADDR": proxy, "PATH_INFO": path.encode().decode("latin-1")}
        body = b"".join(application(environ, start_response))
        return *answered[0], body

    return answer


@pytest.fixture
def request_started(request_started_early, time_machine):
    """`request_started("/", "t=1.5")`: the same an hour later, just after a request that didn't wait."""
    time_machine.move_to(NOW, tick=False)
    request_started_early("/", f"t={time.time():.3f}")
    return request_started_early


def waiting(request_started):
    return lambda path, waited, **options: request_started(path, f"t={time.time() - waited:.3f}", **options)


@pytest.fixture
def request_waited(request_started):
    """`request_waited("/", 1.5)`: a request that the proxy received so many seconds ago."""
    return waiting(request_started)


@pytest.fixture
def statuses(request_waited, time_machine):
    """`statuses(0.3, 0.4, every=0.1)`: those of one request after the other, so many seconds apart."""

    def collect(*waits, every=0.0, **options):
        collected = []
        for waited in waits:
            collected.append(int(request_waited("/", waited, **options)[0][:3]))
            time_machine.shift(every)
        return collected

    return collect


def test_the_api_answers_503_with_retry_after(request_waited):
    status, headers, body = request_waited("/api/v1/classes", 1.001)
    assert (status, headers["Retry-After"], headers["Content-Type"]) == (
        "503 Service Unavailable",
        "2",
        "application/json",
    )
    assert json.loads(body) == {
        "status": "error",
        "error": {
            "code": "SERVICE_UNAVAILABLE",
            "reason": "overloaded",
            "message": "Too much is asked at once right now. Try again in a moment.",
            "request_id": "mine",
            "details": [],
        },
    }
    assert (headers["X-Request-ID"], headers["Content-Length"]) == ("mine", str(len(body)))


def test_a_refusal_has_its_line_in_the_access_log(request_waited, caplog, settings):
    caplog.set_level("INFO", logger="tutorarc.access")
    settings.TRUSTED_PROXIES = 1
    request_waited("/api/v1/café", 1.5, client="203.0.113.9")
    [line] = [json.loads(JsonFormatter().format(record)) for record in caplog.records if "access" in record.name]
    assert line == {
        "time": "2026-03-20T10:00:00.000+00:00",
        "level": "INFO",
        "logger": "tutorarc.access",
        "message": "request",
        "request_id": "mine",
        "method": "GET",
        "path": "/api/v1/café",
        "route": None,
        "address": "203.0.113.9",
        "user": None,
        "key": None,
        "status": 503,
        "milliseconds": 0.0,
        "queue_milliseconds": 1500.0,
        "database_milliseconds": 0.0,
        "cache_milliseconds": 0.0,
        "statements": 0,
    }


def test_refusals_are_one_warning_a_second(statuses, caplog):
    statuses(*[1.5] * 3)
    warnings = [record.getMessage() for record in caplog.records if record.name == "tutorarc.overload"]
    assert warnings == ["Overloaded: requests are refused."]


def test_the_application_is_told_the_wait(request_started_early, seen_waits, time_machine):
    request_waited = waiting(request_started_early)
    request_waited("/", 0.2)
    time_machine.shift(60)
    request_waited("/", 5)
    request_waited("/", 5.2)
    assert [round(waited, 3) for waited in seen_waits] == [0.2, 0.0, 0.2]


def test_a_page_answers_503_in_html(request_waited):
    status, headers, body = request_waited("/", 60)
    assert (status, headers["Content-Type"]) == ("503 Service Unavailable", "text/html; charset=utf-8")
    assert (headers["Content-Security-Policy"], headers["X-Content-Type-Options"]) == (POLICY, "nosniff")
    assert b"Back in a moment" in body


@pytest.mark.parametrize("waited", [1, 0, -5])
def test_a_shorter_wait_is_served(request_waited, waited):
    assert request_waited("/", waited) == SERVED


def test_a_burst_may_wait_for_a_second_until_the_server_is_saturated(statuses):
    assert statuses(0.249, 0.251, 0.999) == [200, 200, 200]
    assert statuses(*[0.249] * 5, every=0.2) == [200] * 5
    assert statuses(0.249, 0.251, 0.999) == [200, 503, 503]


def test_a_request_without_a_wait_ends_the_saturation(statuses):
    statuses(*[0.249] * 5, every=0.2)
    assert statuses(0.999, 0.051, 0.999, 0.049, 0.999) == [503, 200, 503, 200, 200]


def test_a_late_request_after_a_silence_is_served(statuses, time_machine):
    statuses(*[0.249] * 5, every=0.2)
    time_machine.shift(0.049)
    assert statuses(5.0) == [503]
    time_machine.shift(0.25)
    assert statuses(5.0, 5.0, 6.0) == [200, 200, 200]


def test_a_late_request_after_a_silence_sets_no_measure_for_later_ones(statuses, time_machine):
    time_machine.shift(60)
    assert statuses(5.0, 0.0, 1.001) == [200, 200, 503]


@pytest.mark.parametrize(("behind", "refused"), [(5, 8), (3600, 8), (-5, 0)])
def test_a_proxy_with_a_wrong_clock_is_refused_for_a_second_at_most(statuses, behind, refused):
    assert statuses(*[behind] * 10, every=0.125) == [503] * refused + [200] * (10 - refused)
    assert statuses(behind + 0.249, behind + 1.001) == [200, 503]


def test_a_wrong_clock_is_recognised_while_requests_of_another_proxy_are_not_waiting(statuses):
    for _ in range(8):
        assert statuses(5, proxy="10.0.0.2") + statuses(0, every=0.125) == [503, 200]
    assert statuses(5, proxy="10.0.0.2") + statuses(0) == [200, 200]


def test_a_long_queue_is_no_wrong_clock_while_requests_of_another_proxy_are_waiting(statuses):
    for _ in range(20):
        assert statuses(1.001, proxy="10.0.0.2") + statuses(0.249, every=0.1) == [503, 200]


def test_the_youngest_refused_request_tells_how_far_a_clock_is_behind(statuses):
    assert statuses(5.0, *[5.6] * 8, every=0.125) == [503] * 8 + [200]
    assert statuses(5.999, 6.001) == [200, 503]


@pytest.mark.parametrize("start", ["t={:.3f}", "t={:.6f}", "t={:.3f}000", "t={:.0f}"])
@pytest.mark.parametrize("dot", [".", ""])
def test_the_moment_is_read_in_seconds_and_in_milli_and_microseconds(request_started, start, dot):
    said = [start.format(time.time() - waited).replace(".", dot) for waited in (1, 2)]
    assert [request_started("/", moment)[0][:3] for moment in said] == ["200", "503"]


def test_a_request_that_arrived_while_the_process_started_is_served(request_started_early, time_machine):
    request_waited = waiting(request_started_early)
    assert [request_waited("/", waited)[0][:3] for waited in (0.3, 3, 10, 10.001)] == ["200", "200", "200", "503"]
    time_machine.shift(2)
    assert [request_waited("/", waited)[0][:3] for waited in (0, 1.999, 2.001)] == ["200", "503", "200"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_slow_machine_does_not_fail_the_readiness_probe(request_waited, path):
    assert request_waited(path, 60) == SERVED


@pytest.mark.parametrize("start", ["", "yesterday", "t=", "t=1e3", "t=-1", "t=1", "1.5", "t=" + "9" * 400, "t=１２"])
def test_a_header_without_a_valid_time_is_ignored(request_started, start):
    assert request_started("/", start) == SERVED


def test_the_header_of_an_untrusted_proxy_is_ignored(request_waited, settings):
    settings.TRUSTED_PROXIES = 0
    assert request_waited("/", 60) == SERVED


def test_the_server_uses_the_overload_control(settings, monkeypatch):
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "OPTIONS", {**database.get("OPTIONS", {})})  # or it would hurry all later tests

    from tutorarc import wsgi  # noqa: PLC0415 (it limits what statements may take, for a process that serves)

    slots = wsgi.application.application
    assert [type(wsgi.application), type(slots), type(slots.application)] == [BodyReader, WorkSlots, OverloadControl]


@pytest.mark.slow
def test_the_views_are_loaded_before_the_first_request_and_left_out_of_garbage_collections():
    ask = "import gc, sys, tutorarc.wsgi; print('tutorarc.urls' in sys.modules, gc.get_freeze_count() > 100_000)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tutorarc.settings"}
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ask], cwd=BASE_DIR, env=environment, check=True, capture_output=True, text=True
    )
    assert shown.stdout == "True True\n"


@pytest.mark.parametrize(
    ("method", "path", "waited", "status"),
    [
        ("POST", "/accounts/login/", 29.9, "200 OK"),
        ("POST", "/accounts/login/", 30.1, "503 Service Unavailable"),
        ("GET", "/accounts/login/", 1.1, "503 Service Unavailable"),
        ("POST", "/api/v1/classes", 1.1, "503 Service Unavailable"),
    ],
)
def test_a_form_that_a_person_sent_may_wait_longer(request_waited, method, path, waited, status):
    assert request_waited(path, waited, method=method)[0] == status


@pytest.mark.parametrize(
    ("form", "after", "waited", "status"),
    [
        ("/accounts/login/", 9.9, 29.9, "200 OK"),
        ("/accounts/login/", 9.9, 30.1, "503 Service Unavailable"),
        ("/accounts/login/", 10.1, 1.1, "503 Service Unavailable"),
        ("/join", 0.1, 1.1, "503 Service Unavailable"),
    ],
)
def test_while_many_people_sign_in_every_request_may_wait_longer(
    request_waited, time_machine, form, after, waited, status
):
    request_waited(form, 2, method="POST")
    time_machine.shift(after)
    request_waited("/", 0)
    assert request_waited("/api/v1/classes", waited)[0] == status
