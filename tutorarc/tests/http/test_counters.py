"""Counters of one process."""

from tutorarc.domain.sliding_window import Limit, Usage
from tutorarc.http import counters
from tutorarc.http.counters import ProcessCounters


def someone(number):
    return Limit("trial", str(number), 3, 60)


def test_threads_get_no_more_than_the_limit(run_together):
    one = ProcessCounters()
    answers = run_together([lambda: one.add([someone(1)], 20)[0].refused] * 40)
    assert sorted(answers) == [False] * 3 + [True] * 37


def test_where_there_are_too_many_the_expired_ones_are_forgotten(monkeypatch):
    monkeypatch.setattr(counters, "MAX_COUNTERS", 3)
    one = ProcessCounters()
    for number, now in ((1, 0), (2, 60), (3, 60), (4, 120)):
        one.add([someone(number)], now)
    assert [one.read([someone(number)], 120)[0] for number in (1, 2, 3, 4)] == [
        Usage(0, 0),
        Usage(0, 1),
        Usage(0, 1),
        Usage(1, 0),
    ]


def test_where_too_many_still_count_all_are_forgotten(monkeypatch):
    monkeypatch.setattr(counters, "MAX_COUNTERS", 3)
    one = ProcessCounters()
    for number in (1, 2, 3, 4):
        one.add([someone(number)], 20)
    assert [one.read([someone(number)], 20)[0].current for number in (1, 2, 3, 4)] == [0, 0, 0, 1]
