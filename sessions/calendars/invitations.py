"""Lessons in a mail: an invitation to one, which later mails update and cancel, or a file with several (RFC 5546)."""

from collections.abc import Sequence
from email.utils import parseaddr
from urllib.parse import quote

from django.conf import settings

from sessions.calendars.entries import Entry, calendar
from sessions.calendars.reads import entry_of
from sessions.calendars.text import quoted
from sessions.models import LiveSession
from tutorarc.mail.outgoing import CalendarPart
from tutorarc.models import User

IN_ADDRESSES = "@!$&'*+=^_`{|}~"  # characters that need no encoding in a mailto: address


def invitation(user: User, session: LiveSession) -> CalendarPart:
    """The lesson, which was loaded `with_role_of` the user, or that it is cancelled."""
    entry = entry_of(user, session)
    method = "CANCEL" if entry.is_cancelled else "REQUEST"
    return _part([entry], method, _organizer(), _attendee(user))


def lessons_file(user: User, sessions: Sequence[LiveSession]) -> CalendarPart:
    """Several lessons: a mail can hold an invitation to one alone."""
    return _part([entry_of(user, session) for session in sessions], "PUBLISH", _organizer())


def _part(entries: Sequence[Entry], method: str, *of_each: str) -> CalendarPart:
    return CalendarPart(calendar(entries, f"METHOD:{method}", of_each=of_each), method)


def _organizer() -> str:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"ORGANIZER;CN={quoted(name or address)}:{_mailto(address)}"


def _attendee(user: User) -> str:
    answer = "ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE"
    return f"ATTENDEE;CN={quoted(user.display_name)};{answer}:{_mailto(user.email)}"


def _mailto(address: str) -> str:
    return f"mailto:{quote(address, safe=IN_ADDRESSES)}"
