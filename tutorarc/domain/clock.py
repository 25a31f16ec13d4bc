"""Parsing and formatting of times, and ranges of days."""

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from django.utils import timezone

_TO_THE_MINUTE = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d"
_TO_THE_SECOND = rf"{_TO_THE_MINUTE}:\d\d(\.\d{{1,9}})?"
_OFFSET = r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
_RFC_3339 = re.compile(_TO_THE_SECOND + _OFFSET, re.ASCII)
# What is wrong with a text of each form.
_FAULTS = {
    re.compile(form, re.ASCII): fault
    for form, fault in {
        _TO_THE_SECOND + _OFFSET: "There is no such day or time.",
        _TO_THE_SECOND: "The offset is missing: add Z for UTC, or one such as +01:00.",
        rf"{_TO_THE_SECOND}[+-]\d\d(\d\d)?": "The offset has the form +01:00.",
        rf"{_TO_THE_SECOND} \d\d:\d\d": "In an address a + means a space: write it as %2B.",
        rf"{_TO_THE_MINUTE}{_OFFSET}?": "The seconds are missing.",
        r"\d{4}-\d\d-\d\d": "The time of day is missing.",
        r"\d+(\.\d+)?": "This is only a number.",
    }.items()
}
UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))
A_DATETIME = "Give a date and time with an offset, such as 2026-03-14T09:30:00Z."


def datetime_fault(text: str) -> str:
    """Message for a text that `parse_datetime` refuses: what is wrong with it, and the right form."""
    faults = (fault for form, fault in _FAULTS.items() if form.fullmatch(text))
    return " ".join([*islice(faults, 1), A_DATETIME])


def datetime_text(value: datetime) -> str:
    """A time as the API writes it: ISO 8601 in UTC with a Z."""
    return value.astimezone(UTC).isoformat()[: -len("+00:00")] + "Z"


def parse_datetime(text: str) -> datetime:
    """Parse an RFC 3339 time with an offset, to UTC. Raises ValueError, also for years outside 1 to 9999."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def start_of(day: date) -> datetime:
    """The beginning of the day in the current time zone, which is UTC in the API and the reader's on other pages."""
    local = datetime.combine(day, time(), timezone.get_current_timezone())
    try:
        return local.astimezone(UTC)
    except OverflowError:  # on the first and the last day that there are
        return local.replace(tzinfo=UTC)


def just_before(moment: datetime) -> datetime:
    """A microsecond earlier; the first moment of the year 1 stays."""
    return max(moment, datetime.min.replace(tzinfo=UTC) + timedelta.resolution) - timedelta.resolution


def just_after(moment: datetime) -> datetime:
    """A microsecond later; the last moment of the year 9999 stays."""
    return min(moment, datetime.max.replace(tzinfo=UTC) - timedelta.resolution) + timedelta.resolution


def week_of(day: date) -> tuple[date, date]:
    """The Monday and Sunday of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def duration_in_words(duration: timedelta) -> str:
    """The duration, rounded up to minutes, in the largest unit that fits: 14 days, 2 hours, 1 minute."""
    minutes = max(1, math.ceil(duration.total_seconds() / 60))
    size, unit = next((size, unit) for size, unit in UNITS if minutes % size == 0)
    count = minutes // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
