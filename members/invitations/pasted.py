"""People in a text pasted from a mail program, a column or a table: `Amy Ray <amy@x.org>; bob@y.org`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models.invitation_queryset import Guest
from tutorarc.domain import email
from tutorarc.domain.text import repaired_line

MAX_NAME_LENGTH = 200
SHOWN = 60  # characters of a wrong entry
# A part of a line between commas, semicolons and tabs: these may also stand in quotes or angle brackets.
PART = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\t"<]|["<])+')
NAMED = re.compile(r"(?P<name>[^<>]*)<(?:mailto:)?(?P<email>[^<>]*)>\s*", re.IGNORECASE)
HEADINGS = re.compile(r"e-?mail|address|name", re.IGNORECASE)


class Pasted(NamedTuple):
    """The people, each address once, and what is wrong, by line."""

    guests: list[Guest]
    problems: list[str]


def pasted(text: str) -> Pasted:
    guests: dict[str, Guest] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (number == 1 and "@" not in line and HEADINGS.search(line)):
            continue
        for entry in _entries(line):
            try:
                guest = _guest(*entry)
            except ValidationError:
                problems.append(_problem(number, entry[0]))
            else:
                known = guests.get(guest.email)
                guests[guest.email] = guest if known is None or not known.name else known
    return Pasted(list(guests.values()), problems)


def _entries(line: str) -> Iterator[tuple[str, str]]:
    """Address and name of each person in a line. What is no address stands in its place."""
    parts = [_address_and_name(part) for part in PART.findall(line) if part.strip()]
    addresses = [address for address, _ in parts if "@" in address]
    if len(addresses) == 1:  # a row of a table, or a name with a comma
        names = [name if "@" in address else address for address, name in parts]
        yield addresses[0], " ".join(filter(None, names))
    else:
        yield from parts


def _address_and_name(part: str) -> tuple[str, str]:
    if match := NAMED.fullmatch(part):
        return match["email"].strip(), _unquoted(match["name"])
    return _unquoted(part).removeprefix("mailto:"), ""


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'“”„ ").strip()


def _guest(address: str, name: str) -> Guest:
    """Raises ValidationError."""
    return Guest(email.canonical(address), repaired_line(name)[:MAX_NAME_LENGTH])


def _problem(number: int, entry: str) -> str:
    shown = entry if len(entry) <= SHOWN else f"{entry[:SHOWN]}…"
    return _("Line %(number)s: “%(entry)s” is not an e-mail address.") % {"number": number, "entry": shown}
