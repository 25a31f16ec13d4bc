"""Limits in a sliding window: what counts, what is allowed, and when more is."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from tutorarc.domain.sliding_window import Limit, Usage

LIMIT = Limit("trial", "someone", 10, 60)


class Counter:
    """Counts as all counters do."""

    def __init__(self, limit):
        self.limit, self.row = limit, (0, 0, 0)

    def allows(self, now):
        usage = self.limit.slide(*self.row, now)
        if not usage.refused:
            self.row = (self.limit.period(now), usage.current + 1, usage.previous)
        return not usage.refused


def allowed(limit, times):
    counter = Counter(limit)
    return [now for now in times if counter.allows(now)]


def test_all_at_once_as_many_as_the_limit_are_allowed():
    assert allowed(LIMIT, [0] * 15) == [0] * 10


def test_in_the_next_period_the_limit_comes_back_little_by_little():
    counter = Counter(LIMIT)
    assert [sum(counter.allows(now) for _ in range(15)) for now in (59, 60, 65, 66, 72, 90, 119, 120)] == [
        *(10, 0, 0, 1, 1, 3, 4, 1)
    ]


@given(lists(integers(0, 400), max_size=80), integers(1, 5))
def test_no_window_holds_more_than_twice_the_number(times, number):
    limit = Limit("trial", "someone", number, 60)
    granted = allowed(limit, sorted(times))
    in_each_window = [sum(start <= now < start + 60 for now in granted) for start in granted]
    assert max(in_each_window, default=0) <= 2 * number


@given(integers(1, 1000), integers(0, 1000), integers(0, 1000), integers(0, 599), integers(1, 3))
def test_after_the_wait_so_many_are_allowed_and_a_second_before_they_are_not(number, current, previous, now, more):
    limit = Limit("trial", "someone", number, 60)
    more = min(more, number)
    stored = (limit.period(now), current, previous)
    wait = limit.wait(Usage(current, previous), now, more)

    def are_allowed(later):
        return limit.remaining(limit.slide(*stored, later), later) >= more

    assert are_allowed(now + wait)
    assert wait == 0 or not are_allowed(now + wait - 1)


@pytest.mark.parametrize("now", [0, 30, 59])
def test_a_limit_of_none_is_never_allowed(now):
    limit = Limit("trial", "someone", 0, 60)
    assert (allowed(limit, [now] * 3), limit.wait(Usage(), now)) == ([], 60)


def test_what_another_machine_counted_in_a_period_to_come_counts():
    assert LIMIT.slide(1, 10, 3, 59) == Usage(10, 3, refused=True)


def test_nothing_counts_two_periods_later():
    assert [LIMIT.slide(0, 7, 3, now) for now in (59, 60, 119, 120)] == [
        Usage(7, 3),
        Usage(0, 7),
        Usage(0, 7),
        Usage(0, 0),
    ]
    assert LIMIT.expiry(59) == 120
