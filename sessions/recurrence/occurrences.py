"""The times of a series: a rule, expanded in the local time of a time zone, which holds over a change of clocks."""

import calendar
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from sessions.recurrence.rules import MAX_SESSIONS, Frequency, InvalidRule, Rule

MAX_PERIODS = 10_000  # days, weeks or months that are looked at: some rules match no day at all
DAY = timedelta(days=1)
OUT_OF_RANGE = "The series must begin in the year 1 or later, and end before the year 10000, in its time zone."


class SkippedTimes(ValueError):
    """These local times don't exist, because clocks are put forward over them."""

    def __init__(self, times: list[datetime]) -> None:
        super().__init__(times)
        self.times = times


def starts_of(rule: Rule, first: datetime, zone: ZoneInfo) -> list[datetime]:
    """When the sessions start, in UTC: those from `first` on that the rule matches, at the same local time as `first`.

    Raises InvalidRule, for none and for too many, and SkippedTimes.
    """
    try:
        times = list(islice(_local_times(rule, local_time(first, zone), zone), MAX_SESSIONS + 1))
        return _counted(rule, in_utc(times, zone))
    except OverflowError:
        raise InvalidRule(OUT_OF_RANGE, "ends_too_late") from None


def in_utc(times: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    """Local times, without a time zone, as moments. Raises SkippedTimes.

    Of a time that comes twice it is the first, or with `fold` the second.
    """
    moments = [time.replace(tzinfo=zone).astimezone(UTC) for time in times]
    skipped = [time for time, moment in zip(times, moments, strict=True) if local_time(moment, zone) != time]
    if skipped:
        raise SkippedTimes(skipped)
    return moments


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show at this moment, without a time zone; with `fold` for the second of a time that comes twice."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _counted(rule: Rule, starts: list[datetime]) -> list[datetime]:
    if not starts:
        raise InvalidRule("The rule gives no session: no day matches it before it ends.", "no_sessions")
    if len(starts) > MAX_SESSIONS:
        raise InvalidRule(f"UNTIL: a series has at most {MAX_SESSIONS} sessions.", "too_many_sessions")
    if rule.count and len(starts) < rule.count:
        raise OverflowError
    return starts


def _local_times(rule: Rule, first: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    for day in islice((day for day in _days(rule, first.date()) if day >= first.date()), rule.count):
        time = first if day == first.date() else datetime.combine(day, first.time().replace(fold=0))
        if _is_after(time, rule.until, zone):
            return
        yield time


def _is_after(time: datetime, until: date | None, zone: ZoneInfo) -> bool:
    if until is None:
        return False
    if isinstance(until, datetime):
        return time.replace(tzinfo=zone) > until
    return time.date() > until


def _days(rule: Rule, first: date) -> Iterator[date]:
    """The days that the rule matches, also some before the first. They end where the calendar does."""
    try:
        for number in islice(count(0, rule.interval), MAX_PERIODS):
            yield from _PERIODS[rule.frequency](rule, first, number)
    except (OverflowError, ValueError):  # after the year 9999
        return


def _of_day(rule: Rule, first: date, number: int) -> Iterator[date]:
    day = first + number * DAY
    if not rule.days or day.weekday() in {one.weekday for one in rule.days}:
        yield day


def _of_week(rule: Rule, first: date, number: int) -> Iterator[date]:
    """Weeks begin on Monday, as RFC 5545 has it without WKST."""
    weekdays = [one.weekday for one in rule.days] or [first.weekday()]
    return (first + timedelta(days=7 * number + weekday - first.weekday()) for weekday in weekdays)


def _of_month(rule: Rule, first: date, number: int) -> Iterator[date]:
    year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
    last = calendar.monthrange(date(year, month + 1, 1).year, month + 1)[1]
    days = [date(year, month + 1, day) for day in range(1, last + 1)]
    if not rule.days:
        return iter(days[first.day - 1 : first.day])
    return iter(sorted({day for one in rule.days for day in _matching(days, one.weekday, one.number)}))


def _matching(days: list[date], weekday: int, number: int) -> list[date]:
    same = [day for day in days if day.weekday() == weekday]
    if not number:
        return same
    return same[number - 1 : number] if number > 0 else same[number : (number + 1) or None]


_PERIODS = {Frequency.DAILY: _of_day, Frequency.WEEKLY: _of_week, Frequency.MONTHLY: _of_month}
