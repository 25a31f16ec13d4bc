"""The times of a series, compared with dateutil and, around every change of clocks, with a search by hand."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.recurrence.occurrences import SkippedTimes, starts_of
from sessions.recurrence.rules import WEEKDAYS, InvalidRule, parse

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
WEEKS = [FROM + n * WEEK for n in range((TO - FROM) // WEEK + 2)]

days = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3)
numbered = st.lists(
    st.builds(lambda n, day: f"{n}{day}", st.sampled_from([-2, -1, 1, 2, 3, 4]), st.sampled_from(WEEKDAYS))
)
moments = st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: FROM.replace(tzinfo=None) + timedelta(minutes=minutes))


ends = st.integers(1, 40).map("COUNT={}".format) | moments.map("UNTIL={:%Y%m%dT%H%M%SZ}".format)


@st.composite
def rules(draw, ends=ends):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]))
    named = draw(st.just([]) | (numbered | days if frequency == "MONTHLY" else days))
    by_day = f";BYDAY={','.join(named)}" if named else ""
    return f"FREQ={frequency};INTERVAL={draw(st.integers(1, 4))}{by_day};{draw(ends)}"


@settings(max_examples=150, deadline=None)
@given(rules(), moments)
def test_the_days_are_those_of_dateutil(rule, first):
    wanted = [time.replace(tzinfo=UTC) for time in islice(rrulestr(rule.removesuffix("Z"), dtstart=first), 201)]
    assert _starts_or_refusal(rule, first.replace(tzinfo=UTC), ZoneInfo("UTC")) == REFUSED.get(len(wanted), wanted)


REFUSED = {0: "no_sessions", 201: "too_many_sessions"}


def _starts_or_refusal(rule, first, zone):
    try:
        return starts_of(parse(rule), first, zone)
    except InvalidRule as refused:
        return refused.code


def changes_of(zone):
    """The moments at which clocks change, each with the new offset from UTC."""
    offsets = [moment.astimezone(zone).utcoffset() for moment in WEEKS]
    weeks = zip(WEEKS, pairwise(offsets), strict=False)
    return tuple((_change(zone, week), new) for week, (old, new) in weeks if old != new)


@cache
def changes():
    """The moments at which clocks change from 2026 to 2036: by time zone, one for each list of changes."""
    by_changes = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        by_changes.setdefault(changes_of(zone), zone)
    return {zone: [moment for moment, _ in found] for found, zone in by_changes.items() if found}


def _change(zone, week):
    """The moment at which the offset becomes another one in this week."""
    low, high, before = week, week + WEEK, week.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + ((high - low) / 2 // timedelta(minutes=1)) * timedelta(minutes=1)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high


def moments_of(local, zone):
    """By hand: every moment at which clocks show this local time."""
    around = (local.replace(tzinfo=UTC) + n * DAY for n in (-2, -1, 0, 1, 2))
    possible = {local.replace(tzinfo=UTC) - moment.astimezone(zone).utcoffset() for moment in around}
    return sorted(moment for moment in possible if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local)


def test_clocks_change_in_both_hemispheres_and_by_half_an_hour():
    steps = {(change.astimezone(zone).utcoffset() - (change - HOUR).astimezone(zone).utcoffset(), change.month)
             for zone, moments in changes().items() for change in moments}  # fmt: skip
    assert {(HOUR, 3), (HOUR, 9), (HOUR, 10), (HOUR / 2, 10), (-HOUR, 4), (-HOUR, 10)} <= steps


@pytest.mark.parametrize("name", ["Asia/Beirut", "Europe/Athens", "America/Havana", "America/New_York"])
def test_no_time_zone_is_left_out_for_one_whose_clocks_change_at_another_time_of_the_night(name):
    assert [moment for moment, _ in changes_of(ZoneInfo(name))] in changes().values()


@settings(max_examples=150, deadline=None)
@given(st.data(), rules(ends=st.integers(1, 40).map("COUNT={}".format)))
def test_in_every_time_zone_the_times_are_those_of_dateutil(data, rule):
    zone = data.draw(st.sampled_from(list(changes())))
    before = timedelta(days=data.draw(st.integers(0, 60)), minutes=data.draw(st.integers(-120, 120)))
    first = data.draw(st.sampled_from(changes()[zone])) - before
    local = first.astimezone(zone).replace(tzinfo=None)
    times = {time: moments_of(time, zone) for time in rrulestr(rule, dtstart=local.replace(fold=0))}
    if all(times.values()):
        wanted = [first if time == local else found[0] for time, found in times.items()]
        assert _starts_or_refusal(rule, first, zone) == wanted
    else:
        with pytest.raises(SkippedTimes) as refused:
            starts_of(parse(rule), first, zone)
        assert refused.value.times == [time for time, found in times.items() if not found]


def test_around_each_change_of_clocks_the_local_time_holds_or_is_named():
    for zone, moments in changes().items():
        for change in moments:
            _check_week_around(zone, change)


def _check_week_around(zone, change):
    """Series that reach over the change at local times before, in and after the time that is skipped or comes twice."""
    shown = change.astimezone(zone).replace(tzinfo=None, fold=0)
    for minutes in (-90, -60, -30, -1, 0, 15, 30, 60):
        local = shown + timedelta(minutes=minutes)
        first = min(moments_of(local - WEEK, zone))
        expected = [moments_of(local + n * WEEK, zone) for n in (-1, 0, 1)]
        rule = parse("FREQ=WEEKLY;COUNT=3")
        if all(expected):
            assert starts_of(rule, first, zone) == [min(found) for found in expected], (zone, local)
        else:
            with pytest.raises(SkippedTimes) as skipped:
                starts_of(rule, first, zone)
            assert skipped.value.times == [local]


def test_of_a_time_that_comes_twice_the_first_is_taken():
    found = starts_of(parse("FREQ=DAILY;COUNT=3"), datetime(2026, 10, 24, 0, 30, tzinfo=UTC), BERLIN)
    assert found == [datetime(2026, 10, day, hour, 30, tzinfo=UTC) for day, hour in ((24, 0), (25, 0), (26, 1))]


def test_the_second_of_a_time_that_comes_twice_can_be_the_start():
    found = starts_of(parse("FREQ=DAILY;COUNT=2"), datetime(2026, 10, 25, 1, 30, tzinfo=UTC), BERLIN)
    assert found == [datetime(2026, 10, day, 1, 30, tzinfo=UTC) for day in (25, 26)]


@pytest.mark.parametrize(
    ("rule", "first", "code"),
    [
        ("FREQ=DAILY;UNTIL=20260101", datetime(2026, 3, 1, tzinfo=UTC), "no_sessions"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=2", datetime(2026, 3, 3, tzinfo=UTC), "no_sessions"),
        ("FREQ=DAILY;UNTIL=20270101", datetime(2026, 3, 1, tzinfo=UTC), "too_many_sessions"),
        ("FREQ=DAILY;COUNT=3", datetime(9999, 12, 30, tzinfo=UTC), "ends_too_late"),
        ("FREQ=DAILY;COUNT=3", datetime(9999, 12, 31, 23, 30, tzinfo=UTC), "ends_too_late"),
        ("FREQ=WEEKLY;COUNT=3", datetime(9999, 12, 30, tzinfo=UTC), "ends_too_late"),
        ("FREQ=MONTHLY;BYDAY=1MO;COUNT=3", datetime(9999, 12, 30, tzinfo=UTC), "no_sessions"),
    ],
)
def test_none_too_many_and_too_late_are_refused(rule, first, code):
    with pytest.raises(InvalidRule) as refused:
        starts_of(parse(rule), first, BERLIN)
    assert refused.value.code == code


def test_the_last_day_is_included():
    found = starts_of(parse("FREQ=WEEKLY;UNTIL=20260310"), datetime(2026, 3, 3, 22, 30, tzinfo=UTC), BERLIN)
    assert [moment.astimezone(BERLIN).date() for moment in found] == [date(2026, 3, 3), date(2026, 3, 10)]
