"""Time zones by their IANA names, such as Europe/Berlin."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

MAX_LENGTH = 64
OF_THE_SERVER = {"localtime", "Factory"}  # listed on some systems, and no time zones of people


@cache
def names() -> tuple[str, ...]:
    """All names, sorted. They are read from files once per process."""
    return tuple(sorted(available_timezones() - OF_THE_SERVER))


def label(name: str) -> str:
    """The name as pages show it."""
    return name.replace("_", " ")


def choices(without: Any) -> list[tuple[str, Any]]:
    """Of a form on a page: no zone, described by `without`, and each zone."""
    return [("", without), *((name, label(name)) for name in names())]


def known(name: str) -> str:
    """The name, if it is one. Raises ValidationError."""
    if name not in names():
        raise ValidationError("Give the name of a time zone, such as Europe/Berlin.", "unknown_time_zone")
    return name


class ShownZone(ZoneInfo):
    """A time zone in which every moment can be shown.

    Where its clocks would show a day before the year 1 or after 9999, they show the time in UTC.
    """

    def fromutc(self, moment: datetime, /) -> datetime:
        try:
            return super().fromutc(moment)
        except OverflowError:
            return moment


def shown_zone(name: str) -> ShownZone | None:
    """None for an empty name, and for one that this server doesn't know."""
    return ShownZone(name) if name in names() else None
