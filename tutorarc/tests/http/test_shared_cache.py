"""TUTORARC_CACHE_URL: limits counted in a real Redis, and while it is down."""

import logging
import signal

import pytest
from django.core.cache import caches
from redis.connection import Connection

from tutorarc.db.circuit_breaker import CircuitBreaker
from tutorarc.domain.sliding_window import Limit
from tutorarc.http import shared_cache
from tutorarc.http.counters import ProcessCounters, request_counters
from tutorarc.http.summary_log import SummaryLog
from tutorarc.http.throttling import GuessLimits, RequestLimit
from tutorarc.models import LimitCount
from tutorarc.testing.redis import REDIS, Redis

SLOW_SECONDS = shared_cache.SLOW_SECONDS
LIMIT = Limit("trial", "someone", 100, 3600)
pytestmark = pytest.mark.skipif(REDIS is None, reason="Debian's redis-server is not installed")


@pytest.fixture
def redis(tmp_path, settings, monkeypatch):
    server = Redis(tmp_path)
    location = f"redis://127.0.0.1:{server.port}/0"
    settings.CACHES = {"default": {"BACKEND": "tutorarc.http.shared_cache.SharedCache", "LOCATION": location}}
    monkeypatch.setattr(shared_cache, "breaker", CircuitBreaker(seconds=60))
    monkeypatch.setattr(shared_cache, "failures", SummaryLog(logging.getLogger("tutorarc.cache")))
    monkeypatch.setattr(shared_cache, "SLOW_SECONDS", 10.0)  # a busy machine is not what is tested
    yield server
    caches["default"]._fallback.clear()
    server.kill()


@pytest.fixture
def later(monkeypatch):
    """The moment after which Redis is asked again."""
    return lambda: monkeypatch.setattr(shared_cache, "breaker", CircuitBreaker(seconds=60))


def take():
    return RequestLimit(LIMIT).usage.current


def test_two_processes_share_their_counts(redis):
    assert [take(), take()] == [1, 2]
    caches["default"].close()
    del caches["default"]  # as another process sees it
    assert take() == 3


def test_a_window_expires(redis):
    take()
    client = caches["default"]._cache.get_client()
    [key] = client.keys()
    assert 3600 < client.ttl(key) <= 2 * 3600


def test_while_redis_is_down_the_process_counts_locally_and_then_redis_again(redis, later, caplog):
    assert [take(), take()] == [1, 2]
    redis.kill()
    assert [take(), take(), take()] == [1, 2, 3]
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is not used for now, and this process counts for itself: ConnectionError"
    ]
    redis.start()
    assert take() == 4  # left alone for a second, so that not every request asks in vain
    later()
    assert [take(), take()] == [1, 2]


def test_a_dropped_connection_is_replaced_without_an_error(redis, caplog):
    take()
    redis.kill()
    redis.start()
    assert [take(), take()] == [1, 2]
    assert caplog.records == []


def test_every_cache_method_has_a_local_fallback(redis, later):
    redis.kill()
    cache = caches["default"]
    calls = [
        lambda: cache.set("a", 1),
        lambda: cache.get("a"),
        lambda: cache.add("a", 2),
        lambda: cache.incr("a"),
        lambda: cache.decr("a"),
        lambda: cache.delete("a"),
        lambda: cache.get("a", "gone"),
        cache.clear,
    ]
    answers = []
    for call in calls:
        later()
        answers.append(call())
    assert answers == [None, 1, False, 2, 1, True, "gone", None]


def test_a_limit_holds_with_and_without_redis(redis, later, settings, api, bob):
    settings.RATE_LIMIT = 3
    student = api(bob)
    redis.kill()
    assert [student.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    redis.start()
    later()
    assert [student.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_redis_counts_as_a_process_does(redis):
    limits = [Limit("trial", "someone", 3, 60), Limit("trial", "somebody else", 5, 300)]
    shared, alone = request_counters(), ProcessCounters()
    for now in [20, 20, 20, 20, 59, 60, 79, 80, 81, 119, 120, 121, 130, 240, 240, 600, 1300]:
        assert shared.read(limits, now) == alone.read(limits, now)
        events = 1 + now % 2
        assert shared.add(limits, now, events) == alone.add(limits, now, events)


def test_a_limit_is_counted_in_one_call_of_redis(redis, monkeypatch):
    take()
    calls = []
    execute = Connection.send_packed_command
    monkeypatch.setattr(
        Connection, "send_packed_command", lambda *args, **named: calls.append(args) or execute(*args, **named)
    )
    take()
    GuessLimits([LIMIT, Limit("trial", "somebody else", 10)]).count()
    assert len(calls) == 2


def test_threads_with_connections_of_their_own_get_no_more_than_the_limit(redis, run_together):
    limit = Limit("trial", "someone", 10, 3600)
    assert sorted(run_together([lambda: RequestLimit(limit).usage.refused] * 40)) == [False] * 10 + [True] * 30


def test_guesses_are_counted_in_redis_and_while_it_is_down_in_the_database(redis, later, db):
    guesses = GuessLimits([LIMIT])
    guesses.count()
    assert LimitCount.objects.count() == 0
    redis.kill()
    guesses.count()
    assert [row.current_count for row in LimitCount.objects.all()] == [1]


def test_a_redis_that_hangs_is_tried_once_and_then_skipped(redis, monkeypatch, caplog):
    take()
    redis.process.send_signal(signal.SIGSTOP)
    assert [take() for _ in range(50)] == list(range(1, 51))
    redis.process.send_signal(signal.SIGCONT)
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is not used for now, and this process counts for itself: TimeoutError"
    ]


@pytest.fixture
def clock(monkeypatch):
    """A clock with which each call of Redis takes `clock.step` seconds."""

    class Clock:
        now, step = 100.0, 0.0

        def perf_counter(self):
            self.now += self.step
            return self.now

        def monotonic(self):
            return self.now

    clock = Clock()
    for module in ("tutorarc.http.shared_cache", "tutorarc.db.circuit_breaker"):
        monkeypatch.setattr(f"{module}.time", clock)
    monkeypatch.setattr(shared_cache, "SLOW_SECONDS", SLOW_SECONDS)
    return clock


def test_a_redis_that_answers_slowly_is_named_and_not_used_until_it_is_quick(redis, clock, caplog):
    clock.step = 0.049
    assert [take(), take()] == [1, 2]
    clock.step = 0.15
    assert [take() for _ in range(4)] == [3, 1, 2, 3]
    clock.now, clock.step = clock.now + 60, 0.001
    assert [take(), take()] == [4, 5]
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is not used for now, and this process counts for itself: an answer took 150 ms"
    ]


def test_a_redis_that_is_still_slow_is_not_used_again(redis, clock):
    clock.step = 0.15
    assert [take(), take()] == [1, 1]
    clock.now += 60
    assert [take(), take()] == [2, 2]


def test_the_time_in_redis_counts_for_the_request(redis, clock, api, bob, caplog):
    student = api(bob)
    caplog.set_level(logging.INFO, logger="tutorarc.access")
    clock.step = 0.02
    student.get("/me")
    student.get("/me")
    lines = [record.context for record in caplog.records if record.name == "tutorarc.access"]
    assert [line["cache_milliseconds"] for line in lines] == [20.0, 20.0]
