"""Times in mails."""

from datetime import datetime

from django.utils import timezone


def in_words(start: datetime, end: datetime) -> str:
    """A period in the site's time zone, which it names: Friday, 20 March 2026, 10:00 to 11:00 (UTC)."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    until = f"{last:%H:%M}" if last.date() == first.date() else f"{_day(last)}, {last:%H:%M}"
    return f"{_day(first)}, {first:%H:%M} to {until} ({timezone.get_current_timezone_name()})"


def _day(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B %Y}"
