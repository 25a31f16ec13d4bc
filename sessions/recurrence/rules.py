"""Recurrence rules as text: the part of RFC 5545's RRULE that series take."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

MAX_SESSIONS = 200
MAX_INTERVAL = 999
MAX_LENGTH = 200  # characters of a rule
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL")
_DAY = re.compile(rf"([+-]?[1-5])?({'|'.join(WEEKDAYS)})", re.ASCII)


class InvalidRule(ValueError):
    """A rule that series don't take. The message names its part; `code` is for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class Day(NamedTuple):
    """A day of the week, 0 for Monday; with a `number`, only the first (1), last (-1), … such day of a month."""

    weekday: int
    number: int = 0

    def __str__(self) -> str:
        return f"{self.number or ''}{WEEKDAYS[self.weekday]}"


@dataclass(frozen=True)
class Rule:
    """`until` is a moment in UTC, or a local day that is included. Either it or `count` is set."""

    frequency: Frequency
    interval: int = 1
    days: tuple[Day, ...] = ()
    count: int | None = None
    until: date | None = None

    def __str__(self) -> str:
        """The rule as text, with its parts in a fixed order."""
        parts = {
            "FREQ": self.frequency,
            "INTERVAL": self.interval if self.interval > 1 else None,
            "BYDAY": ",".join(map(str, self.days)),
            "COUNT": self.count,
            "UNTIL": _until_text(self.until) if self.until else None,
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def parse(text: str) -> Rule:
    """Raises InvalidRule, which names the part that is wrong."""
    parts = _parts(text)
    values = {name: _READERS[name](value) for name, value in parts.items()}
    if "FREQ" not in values:
        raise InvalidRule("FREQ is missing: give FREQ=DAILY, FREQ=WEEKLY or FREQ=MONTHLY.", "invalid_rule")
    if ("COUNT" in values) == ("UNTIL" in values):
        raise InvalidRule("Give either COUNT or UNTIL, so that the series has an end.", "invalid_rule")
    rule = Rule(**{_ATTRIBUTES[name]: value for name, value in values.items()})
    if rule.frequency != Frequency.MONTHLY and any(day.number for day in rule.days):
        raise InvalidRule("BYDAY: only FREQ=MONTHLY takes numbers before the days, such as 1MO.", "invalid_rule")
    return rule


def _parts(text: str) -> dict[str, str]:
    """The parts by name, in capitals."""
    if len(text) > MAX_LENGTH:
        raise InvalidRule(f"Give at most {MAX_LENGTH} characters, not {len(text)}.", "max_length")
    parts: dict[str, str] = {}
    for written in text.strip().split(";"):
        part = written.upper() if written.isascii() else written  # "ı" in capitals is an I
        name, equals, value = part.partition("=")
        if not equals or name not in PARTS:
            raise InvalidRule(f"{_quoted(part)} can't be used here. {_KNOWN}", "unknown_part")
        if name in parts:
            raise InvalidRule(f"{name} is given twice.", "repeated_part")
        parts[name] = value
    return parts


_KNOWN = f"A rule has the parts {', '.join(PARTS[:-1])} and {PARTS[-1]}, such as FREQ=WEEKLY;BYDAY=TU;COUNT=12."


def _quoted(part: str) -> str:
    """The beginning of a part, in which nothing misleads a reader."""
    return repr(part[:30]) if part.isascii() and part.isprintable() else "A part"


def _frequency(value: str) -> Frequency:
    if value not in Frequency.__members__:
        raise InvalidRule("FREQ: give DAILY, WEEKLY or MONTHLY.", "invalid_rule")
    return Frequency(value)


def _number(name: str, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", value) or not 1 <= int(value) <= most:
            raise InvalidRule(f"{name}: give a whole number from 1 to {most}.", "invalid_rule")
        return int(value)

    return read


def _days(value: str) -> tuple[Day, ...]:
    found = [_DAY.fullmatch(day) for day in value.split(",")]
    if not all(found):
        raise InvalidRule(f"BYDAY: give days out of {', '.join(WEEKDAYS)}, separated by commas.", "invalid_rule")
    days = [Day(WEEKDAYS.index(match[2]), int(match[1] or 0)) for match in found if match]
    return tuple(sorted(set(days)))


def _until(value: str) -> date:
    for form, read in _UNTIL_FORMS.items():
        if re.fullmatch(form, value, re.ASCII):
            try:
                return read(value)
            except ValueError:
                break
    raise InvalidRule("UNTIL: give a day such as 20261218, or a time in UTC such as 20261218T160000Z.", "invalid_rule")


_UNTIL_FORMS: dict[str, Callable[[str], date]] = {
    r"\d{8}": lambda text: date(int(text[:4]), int(text[4:6]), int(text[6:])),
    r"\d{8}T\d{6}Z": lambda text: datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
}


def _until_text(until: date) -> str:
    day = f"{until.year:04}{until.month:02}{until.day:02}"
    return f"{day}T{until:%H%M%S}Z" if isinstance(until, datetime) else day


_READERS: dict[str, Callable[[str], Any]] = {
    "FREQ": _frequency,
    "INTERVAL": _number("INTERVAL", MAX_INTERVAL),
    "BYDAY": _days,
    "COUNT": _number("COUNT", MAX_SESSIONS),
    "UNTIL": _until,
}
_ATTRIBUTES = {"FREQ": "frequency", "INTERVAL": "interval", "BYDAY": "days", "COUNT": "count", "UNTIL": "until"}
