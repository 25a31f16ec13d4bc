"""Parsing and formatting of times, and ranges of days in UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)
DATETIME_MESSAGE = (
    "Give a date and time with an offset, such as 2026-03-14T09:30:00Z (in an address, a + must be percent-encoded)."
)


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
    return datetime.combine(day, time(), UTC)


def week_of(day: date) -> tuple[date, date]:
    """The Monday and Sunday of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
