"""Time zones by their IANA names, such as Europe/Berlin."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

MAX_LENGTH = 64
OF_THE_SERVER = {"localtime", "Factory"}  # listed on some systems, and no time zones of people


@cache
def names() -> tuple[str, ...]:
    """All names, sorted. They are read from files once per process."""
    return tuple(sorted(available_timezones() - OF_THE_SERVER))


def known(name: str) -> str:
    """The name, if it is one. Raises ValidationError."""
    if name not in names():
        raise ValidationError("Give the name of a time zone, such as Europe/Berlin.", "unknown_time_zone")
    return name
