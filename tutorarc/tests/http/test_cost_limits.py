"""A refused request that takes long counts more than once, so that one caller's worst requests are few."""

from datetime import UTC, datetime

import pytest
import time_machine

from tutorarc.domain.sliding_window import Limit
from tutorarc.http import throttling
from tutorarc.http.counters import in_process
from tutorarc.models import LimitCount

LIMIT = Limit("requests", "somebody", 10)


@pytest.fixture(autouse=True)
def ten_a_minute(settings):
    settings.RATE_LIMIT = 10
    with time_machine.travel(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def taking(monkeypatch):
    """`taking(0.25)`: every request takes so many seconds of processor time."""

    def take(seconds):
        clock = iter(range(1_000))
        monkeypatch.setattr(throttling, "thread_time", lambda: next(clock) * seconds)

    return take


def remaining(response):
    return response.status_code, response.headers["RateLimit-Remaining"]


@pytest.mark.parametrize(("seconds", "left"), [(0.0, "9"), (0.09, "9"), (0.11, "8"), (0.35, "6"), (5.0, "0")])
def test_a_refusal_counts_once_more_for_each_tenth_of_a_second(api, bob, taking, seconds, left):
    taking(seconds)
    assert remaining(api(bob).get("/classes?nothing=1")) == (400, left)


def test_after_a_refusal_that_took_too_long_the_caller_waits(api, bob, taking):
    taking(5.0)
    student = api(bob)
    student.get("/classes?nothing=1")
    assert remaining(student.get("/classes?nothing=1")) == (429, "0")


def test_an_answer_counts_once(api, bob, taking):
    taking(5.0)
    assert remaining(api(bob).get("/classes")) == (200, "9")


@pytest.mark.parametrize(("path", "statuses"), [("/nothing", [404] * 5 + [429]), ("/accounts/login/", [200] * 6)])
def test_pages_without_a_sign_in_count_alike(client, db, taking, path, statuses):
    """100 in a minute, of which each takes 21."""
    taking(2.05)
    assert [client.get(path).status_code for _ in range(6)] == statuses


def test_the_database_counts_several_events_as_a_process_does(db):
    in_process.clear()
    for events in (3, 4, 5, 1):
        expected = in_process.add([LIMIT], 600, events)[0]
        counted = LimitCount.objects.add([LIMIT], 600, events)[0]
        if not expected.refused:
            assert counted[:2] == expected[:2]
    assert (expected.refused, counted.refused) == (True, True)
