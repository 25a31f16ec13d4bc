"""Limits that are counted in the database, for all processes."""

import pytest

from tutorarc.domain.sliding_window import Limit, Usage
from tutorarc.http.counters import ProcessCounters
from tutorarc.models import LimitCount

TIGHT = Limit("tight", "someone", 3, 60)
LOOSE = Limit("loose", "someone", 50, 300)
TIMES = [20, 20, 20, 59, 60, 80, 119, 120, 121, 240, 240, 600, 1300]


def test_the_database_counts_as_a_process_does(db):
    alone = ProcessCounters()
    for now in TIMES:
        before = LimitCount.objects.read([TIGHT, LOOSE], now)
        assert before == alone.read([TIGHT, LOOSE], now)
        if not before[0].refused:
            assert LimitCount.objects.add([TIGHT, LOOSE], now) == alone.add([TIGHT, LOOSE], now)
        else:
            LimitCount.objects.add([LOOSE], now)
            alone.add([LOOSE], now)


def test_what_is_one_too_many_is_refused(db):
    assert [LimitCount.objects.add([TIGHT], 20)[0] for _ in range(4)] == [
        Usage(1, 0),
        Usage(2, 0),
        Usage(3, 0),
        Usage(4, 0, refused=True),
    ]


def test_any_number_of_limits_is_read_and_counted_in_one_statement_each(db, django_assert_num_queries):
    with django_assert_num_queries(2):
        LimitCount.objects.add([TIGHT, LOOSE], 20)
        LimitCount.objects.read([TIGHT, LOOSE], 20)


def test_a_machine_whose_clock_is_behind_counts_in_the_later_period(db):
    LimitCount.objects.add([TIGHT], 61)
    assert LimitCount.objects.add([TIGHT], 59) == [Usage(2, 0)]
    [row] = LimitCount.objects.all()
    assert (row.period, row.expires_at) == (1, 180)


@pytest.mark.django_db(transaction=True)
def test_none_of_many_at_the_same_moment_is_lost_and_none_waits_for_ever(run_together):
    """In both orders, as otherwise the locks of two rows would lead to a deadlock."""
    calls = [lambda: LimitCount.objects.add([TIGHT, LOOSE], 20), lambda: LimitCount.objects.add([LOOSE, TIGHT], 20)]
    answers = run_together(calls * 20)
    assert sorted(usages[0].current if index % 2 else usages[1].current for index, usages in enumerate(answers)) == [
        *range(1, 41)
    ]
