import pytest

from tutorarc.db.circuit_breaker import CircuitBreaker


@pytest.fixture
def clock(monkeypatch):
    """`clock.now += 1` lets a second pass."""

    class Clock:
        now = 100.0

    monkeypatch.setattr("tutorarc.db.circuit_breaker.time.monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def breaker():
    return CircuitBreaker()


def test_all_calls_are_allowed_without_a_failure(breaker, clock):
    assert [breaker.allows_call() for _ in range(3)] == [True] * 3


def test_no_call_is_allowed_for_a_second_after_a_failure(breaker, clock):
    breaker.record_failure()
    clock.now += 0.999
    assert not breaker.allows_call()
    clock.now += 0.001
    assert breaker.allows_call()


def test_one_caller_a_second_tries_again(breaker, clock):
    breaker.record_failure()
    clock.now += 1
    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]
    clock.now += 1
    assert [breaker.allows_call() for _ in range(3)] == [True, False, False]


def test_a_success_allows_all_calls_again(breaker, clock):
    breaker.record_failure()
    clock.now += 1
    assert breaker.allows_call()
    breaker.record_success()
    assert [breaker.allows_call() for _ in range(3)] == [True] * 3
