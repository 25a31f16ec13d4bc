"""Times in mails."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def in_words(start: datetime, end: datetime) -> str:
    """A period in the current time zone, the reader's, which it names: Friday, 20 March 2026, 10:00 to 11:00 (UTC)."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    until = f"{last:%H:%M}" if last.date() == first.date() else _moment(last)
    return _("{start} to {end} ({zone})").format(
        start=_moment(first), end=until, zone=timezone.get_current_timezone_name()
    )


def moment_in_words(moment: datetime) -> str:
    """A moment in the current time zone, which it names: Friday, 20 March 2026, 10:00 (UTC)."""
    return _("{moment} ({zone})").format(
        moment=_moment(timezone.localtime(moment)), zone=timezone.get_current_timezone_name()
    )


def _moment(local: datetime) -> str:
    return date_format(local, "l, j F Y, H:i")
