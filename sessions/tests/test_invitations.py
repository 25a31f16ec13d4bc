"""The calendar part of mails about lessons, as a mail server gets it."""

import email
import re
from datetime import UTC, datetime, timedelta
from email.policy import default as policy

import icalendar
import pytest

from sessions.models import LiveSession
from sessions.tests.calendar_text import events_of
from sessions.tests.expected import BOARD
from tutorarc.domain.events import Actor
from tutorarc.testing.mail import do_mail_jobs

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _members(half_past_nine, algebra, bob, join, queue_notices):
    join(algebra, bob)
    queue_notices()


@pytest.fixture
def received(mail_server, queue_notices, bob):
    """`received()`: the parts of the one mail to Bob about what happened since the last call."""

    def since():
        mail_server.received.clear()
        queue_notices()
        do_mail_jobs()
        to_bob = [envelope for envelope in mail_server.received if envelope.rcpt_tos == [bob.email]]
        [envelope] = to_bob
        message = email.message_from_bytes(envelope.content, policy=policy)
        assert message.defects == []
        return message

    do_mail_jobs()
    return since


@pytest.fixture
def lesson(algebra, schedule):
    return lambda **fields: schedule(**{"klass": algebra, "title": "Matrices", "start_time": TOMORROW, **fields})


def calendar_of(message):
    """The method and the one event of the last alternative."""
    assert message.get_content_type() == "multipart/alternative"
    *others, part = message.iter_parts()
    assert [other.get_content_type() for other in others] == ["text/plain", "text/html"]
    body = part.get_content().replace("\r\n", "\n").replace("\n", "\r\n").encode()
    parsed = icalendar.Calendar.from_ical(body)
    assert (part.get_content_type(), part["Content-Type"].params["method"]) == ("text/calendar", parsed["METHOD"])
    [event] = events_of(body)
    return parsed["METHOD"], event


def test_a_new_lesson_is_an_invitation(lesson, received, bob):
    session = lesson()
    method, event = calendar_of(received())
    link = f"{BOARD}/join?id={session.pk}"
    assert method == "REQUEST"
    assert {name: event[name] for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "URL")} == {
        "UID": f"{session.pk}@tutorarc",
        "SEQUENCE": "0",
        "DTSTART": "20260315T093000Z",
        "DTEND": "20260315T103000Z",
        "SUMMARY": "Matrices",
        "STATUS": "CONFIRMED",
        "URL": link,
    }
    assert event['ORGANIZER;CN="TutorArc"'] == "mailto:tutorarc@localhost"
    attendee = 'ATTENDEE;CN="Bob";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE'
    assert event[attendee] == f"mailto:{bob.email}"


def test_the_organizer_is_the_sender(lesson, received):
    lesson()
    message = received()
    assert message["From"].addresses[0].addr_spec == "tutorarc@localhost"


def test_a_moved_lesson_updates_the_invitation_and_a_cancelled_one_ends_it(lesson, received, alice):
    session = lesson()
    _, first = calendar_of(received())
    session.reschedule(Actor(alice), start_time=TOMORROW + timedelta(hours=1))
    method, moved = calendar_of(received())
    assert (method, moved["UID"], moved["SEQUENCE"]) == ("REQUEST", first["UID"], "1")
    assert moved["DTSTART"] == "20260315T103000Z"
    LiveSession.objects.get().cancel(Actor(alice), "I am ill")
    method, cancelled = calendar_of(received())
    assert (method, cancelled["UID"], cancelled["SEQUENCE"]) == ("CANCEL", first["UID"], "2")
    assert (cancelled["STATUS"], cancelled["DESCRIPTION"]) == ("CANCELLED", "Algebra\\nI am ill")


def test_several_lessons_are_a_file(lesson, received):
    """A mail can invite to one event alone."""
    lesson(title="One")
    lesson(title="Two", start_time=TOMORROW + timedelta(days=7))
    message = received()
    [attachment] = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == ("lessons.ics", "text/calendar")
    assert attachment["Content-Type"].params["method"] == "PUBLISH"
    body = attachment.get_content().replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert [event["SUMMARY"] for event in events_of(body)] == ["One", "Two"]
    assert [event['ORGANIZER;CN="TutorArc"'] for event in events_of(body)] == ["mailto:tutorarc@localhost"] * 2


def test_any_name_and_title_comes_back_whole(lesson, received, bob):
    bob.edit(Actor(bob), display_name='Bob "Bobby" O’Neil; 数学, 👩‍🏫')
    lesson(title="Größe: a, b; c\\d " + "数学" * 40)
    message = received()
    [*_, part] = message.iter_parts()
    [event] = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert event["SUMMARY"] == "Größe: a, b; c\\d " + "数学" * 40
    assert event["ATTENDEE"].params["CN"] == "Bob 'Bobby' O’Neil; 数学, 👩‍🏫"


def test_a_series_is_one_mail_with_a_file_of_all_its_dates(received, api, alice, algebra):
    """More events than a job writes notices of. Bob's time is UTC: a line ends where clocks change in Berlin."""
    body = {
        "title": "Matrices",
        "startTime": "2026-03-20T10:00:00Z",
        "duration": 60,
        "teacherId": "1",
        "classId": algebra.pk,
        "recurrence": "FREQ=WEEKLY;COUNT=60",
        "timeZone": "Europe/Berlin",
    }
    assert api(alice).post("/sessions", body).status_code == 201
    message = received()
    assert message["Subject"] == "60 new lessons of Algebra"
    numbers = re.findall(r"^- Matrices \(Algebra\): (\d+) lessons, ", message.get_body(("plain",)).get_content(), re.M)
    assert numbers == ["2", "30", "22", "6"]
    [attachment] = message.iter_attachments()
    body = attachment.get_content().replace("\r\n", "\n").replace("\n", "\r\n").encode()
    starts = [event["DTSTART"][9:] for event in events_of(body)]
    assert (len(starts), set(starts)) == (60, {"100000Z", "090000Z"})
