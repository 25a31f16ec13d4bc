"""Lines of iCalendar text (RFC 5545)."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

LINE_OCTETS = 75
_line_end = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_control = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")  # RFC 5545, 3.1: none of them may be in a text


def escaped(text: str) -> str:
    """A value of the type TEXT. Control characters, which it can't hold, are left out."""
    clean = _control.sub("", _line_end.sub("\n", text))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def quoted(text: str) -> str:
    """The value of a parameter, such as a name. It can't hold quotation marks."""
    return '"' + " ".join(_control.sub("", text.replace('"', "'")).split()) + '"'


def moment(time: datetime) -> str:
    """A value of the type DATE-TIME in UTC: 20260320T100000Z."""
    return time.astimezone(UTC).isoformat()[:19].replace("-", "").replace(":", "") + "Z"


def document(lines: Iterable[str]) -> str:
    """The lines folded, each with its end."""
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets. No character is cut in two; all parts but the first begin with a blank."""
    if len(line) <= LINE_OCTETS and line.isascii():
        yield line
        return
    data = line.encode(errors="replace")
    while len(data) > LINE_OCTETS:
        end = LINE_OCTETS
        while data[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        yield data[:end].decode()
        data = b" " + data[end:]
    yield data.decode()
