"""A lesson as an event of a calendar."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from sessions import links
from sessions.calendars.text import document, escaped, moment

PRODUCT = "-//TutorArc//Lessons//EN"
REFRESH = "PT1H"  # how often a calendar is to read a feed


class Entry(NamedTuple):
    """What a calendar is told of a lesson. Neither a token nor the address of its room.

    `sequence` rises with every change that a calendar must take over.
    """

    session_id: str
    title: str
    start: datetime
    end: datetime
    sequence: int
    changed_at: datetime
    cancelled_at: datetime | None
    cancel_message: str
    class_title: str | None
    is_teacher: bool

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def uid(self) -> str:
        return f"{self.session_id}@tutorarc"

    @property
    def link(self) -> str:
        join = links.unsigned_teacher_link if self.is_teacher else links.student_link
        return join(self.session_id)

    @property
    def summary(self) -> str:
        return _("Cancelled: {title}").format(title=self.title) if self.is_cancelled else self.title

    @property
    def description(self) -> str:
        joining = "" if self.is_cancelled else _("Join: {link}").format(link=self.link)
        return "\n".join(filter(None, [self.class_title, self.cancel_message, joining]))


def feed_of(name: str, entries: Iterable[Entry]) -> str:
    """A calendar that others read again every hour."""
    title = escaped(name)
    about = [f"NAME:{title}", f"X-WR-CALNAME:{title}"]
    about += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]
    return calendar(entries, *about)


def calendar(entries: Iterable[Entry], *about: str, of_each: Iterable[str] = ()) -> str:
    """A calendar with these lessons. `about` are lines on the calendar itself, `of_each` further ones of each event."""
    events = (line for entry in entries for line in event(entry, *of_each))
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", *about]
    return document([*head, *events, "END:VCALENDAR"])


def event(entry: Entry, *about: str) -> Iterator[str]:
    """The lines of an event. `about` are further ones."""
    changed = moment(entry.changed_at)
    yield from ("BEGIN:VEVENT", f"UID:{entry.uid}", f"DTSTAMP:{changed}", f"LAST-MODIFIED:{changed}")
    yield from (f"SEQUENCE:{entry.sequence}", f"DTSTART:{moment(entry.start)}", f"DTEND:{moment(entry.end)}")
    yield f"SUMMARY:{escaped(entry.summary)}"
    yield f"DESCRIPTION:{escaped(entry.description)}"
    if entry.is_cancelled:
        yield from ("STATUS:CANCELLED", "TRANSP:TRANSPARENT")
    else:
        yield from (f"LOCATION:{escaped(entry.link)}", f"URL:{entry.link}", "STATUS:CONFIRMED")
    yield from about
    yield "END:VEVENT"
