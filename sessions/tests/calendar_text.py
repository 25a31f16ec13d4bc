"""Reading iCalendar text by hand, by the rules of RFC 5545 for lines, texts and components."""

import re

NAME = re.compile(r"(?P<name>[A-Z0-9-]+)(?P<parameters>(;[A-Z-]+=(\"[^\"\x00-\x1f\x7f]*\"|[^\";:,\x00-\x1f\x7f]*))*):")
ONCE = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "DESCRIPTION", "STATUS", "LAST-MODIFIED")
UTC_TIME = re.compile(r"\d{8}T\d{6}Z")
TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME")


def lines_of(body: bytes) -> list[str]:
    """The unfolded lines of a whole document. Fails if a line breaks a rule."""
    assert body.endswith(b"\r\n")
    physical = body[:-2].split(b"\r\n")
    for line in physical:
        assert 0 < len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
        line.decode()  # no character is cut in two
    lines = body[:-2].replace(b"\r\n ", b"").decode().split("\r\n")
    assert all(NAME.match(line) for line in lines)
    return lines


def name_and_value(line: str) -> tuple[str, str]:
    found = NAME.match(line)
    assert found
    return found["name"] + found["parameters"], line[found.end() :]


def events_of(body: bytes) -> list[dict[str, str]]:
    """The events, each by the names of its lines. Fails if a component breaks a rule."""
    lines = [name_and_value(line) for line in lines_of(body)]
    assert lines[0] == ("BEGIN", "VCALENDAR")
    assert lines[-1] == ("END", "VCALENDAR")
    assert [value for name, value in lines if name == "VERSION"] == ["2.0"]
    assert len([name for name, _ in lines if name == "PRODID"]) == 1
    starts = [number for number, line in enumerate(lines) if line == ("BEGIN", "VEVENT")]
    ends = [number for number, line in enumerate(lines) if line == ("END", "VEVENT")]
    events = [lines[start + 1 : end] for start, end in zip(starts, ends, strict=True)]
    for event in events:
        names = [name for name, _ in event]
        assert [names.count(name) for name in ONCE] == [1] * len(ONCE)
        assert all(UTC_TIME.fullmatch(value) for name, value in event if name.startswith(("DT", "LAST")))
        assert all(re.fullmatch(r"(\\[\\;,n]|[^\\;,])*", value) for name, value in event if name in TEXTS)
    return [dict(event) for event in events]


def text(value: str) -> str:
    """A value of the type TEXT as it was before it was written."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
