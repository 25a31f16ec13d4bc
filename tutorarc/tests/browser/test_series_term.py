"""A series in a real browser: a teacher in New York, students in Berlin and Kathmandu, their mails and their calendars.

Clocks in Berlin go back on 26 October 2036, and in New York on 2 November: 16:00 there is 20:00 UTC before, and 21:00
UTC after. Those in Kathmandu never change.
"""

import email
from email.policy import default as policy

import pytest
from django.test import Client

from sessions.calendars.tokens import feed_path
from sessions.models import LiveSession
from sessions.tests.calendar_text import events_of
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems
from tutorarc.testing.mail import do_mail_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWN = ("UID", "DTSTART", "SEQUENCE", "STATUS")


@pytest.fixture
def browse(chromium, live_server, client):
    """`browse(user)`: a page of a browser on a phone, in the zone of the user, who is signed in."""
    contexts = []

    def open_page(user):
        client.force_login(user)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        size = {"width": 390, "height": 800}
        options = {"locale": "en-GB", "timezone_id": user.time_zone, "viewport": size}
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        contexts[-1].add_cookies([cookie])
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def students(algebra, alice, bob, charlie, join):
    zones = {alice: "America/New_York", bob: "Europe/Berlin", charlie: "Asia/Kathmandu"}
    for person, zone in zones.items():
        person.edit(Actor(person), time_zone=zone)
    join(algebra, bob)
    join(algebra, charlie)
    return bob, charlie


@pytest.fixture
def new_mail(mail_server, queue_notices, students):
    """`new_mail()`: the one new mail to each student, after the worker's jobs are done; nobody else gets any."""

    def since():
        mail_server.received.clear()
        queue_notices()
        do_mail_jobs()
        found = {envelope.rcpt_tos[0]: envelope.content for envelope in mail_server.received}
        assert len(mail_server.received) == len(found) == 2
        return [email.message_from_bytes(found[student.email], policy=policy) for student in students]

    queue_notices()
    do_mail_jobs()
    return since


def lessons_of(message):
    """The lines of the text about lessons, without title and class."""
    lines = message.get_body(("plain",)).get_content().splitlines()
    return [line.removeprefix("- Algebra (Algebra): ") for line in lines if line.startswith("- ")]


def calendar_part(message):
    """Its method and its events."""
    [part] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    body = part.get_content().replace("\r\n", "\n").replace("\n", "\r\n").encode()
    assert f"METHOD:{part['Content-Type'].params['method']}\r\n".encode() in body
    return part["Content-Type"].params["method"], brief(body)


def brief(body):
    return [tuple(event[name] for name in SHOWN) for event in events_of(body)]


def feed(student):
    return brief(Client().get(feed_path(student)).content)


def calendar(page, month):
    """The lessons of a month as the page shows them on a phone, each with its day."""
    page.goto(f"/calendar?month={month}")
    page.wait_for_load_state("load")
    assert page_problems(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    days = page.locator(".month-days > li:has(.lesson)").all()
    return [" ".join(day.inner_text().split()).removesuffix(" Algebra Algebra") for day in days]


def open_lesson(page, start, fold):
    page.goto(f"/api/v1/sessions/{LiveSession.objects.get(start_time=start).pk}")
    page.get_by_text(fold, exact=True).click()


def press(page, name, answer):
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_text(answer, exact=True).wait_for()


def test_a_series_over_a_change_of_clocks(browse, new_mail, students, algebra, alice):
    teacher, (bob, charlie) = browse(alice), students
    of_bob, of_charlie = browse(bob), browse(charlie)

    # The teacher schedules a weekly lesson, without one of the dates
    teacher.goto(f"/lessons/new?class={algebra.pk}")
    teacher.get_by_label("Starts").fill("2036-10-21T16:00")
    teacher.get_by_label("Weekly").check()
    teacher.get_by_label("Until", exact=True).fill("2036-11-18")
    press(teacher, "Schedule lesson", "Check the dates. Untick those without a lesson, such as holidays.")
    teacher.get_by_label("11 Nov").uncheck()
    press(teacher, "Schedule these lessons", "4 lessons scheduled.")
    uids = [f"{session.pk}@tutorarc" for session in LiveSession.objects.order_by("start_time")]
    starts = ["20361021T200000Z", "20361028T200000Z", "20361104T210000Z", "20361118T210000Z"]
    planned = [(uid, start, "0", "CONFIRMED") for uid, start in zip(uids, starts, strict=True)]
    to_bob, to_charlie = new_mail()
    assert to_bob["Subject"] == to_charlie["Subject"] == "4 new lessons of Algebra"
    assert lessons_of(to_bob) == [
        "Tuesday, 21 October 2036, 22:00 to 23:00 (Europe/Berlin)",
        "Tuesday, 28 October 2036, 21:00 to 22:00 (Europe/Berlin)",
        "2 lessons, the first Tuesday, 4 November 2036, 22:00 to 23:00 (Europe/Berlin), "
        "the last Tuesday, 18 November 2036, 22:00 to 23:00 (Europe/Berlin)",
    ]
    assert lessons_of(to_charlie) == [
        "2 lessons, the first Wednesday, 22 October 2036, 01:45 to 02:45 (Asia/Kathmandu), "
        "the last Wednesday, 29 October 2036, 01:45 to 02:45 (Asia/Kathmandu)",
        "2 lessons, the first Wednesday, 5 November 2036, 02:45 to 03:45 (Asia/Kathmandu), "
        "the last Wednesday, 19 November 2036, 02:45 to 03:45 (Asia/Kathmandu)",
    ]
    assert calendar_part(to_bob) == calendar_part(to_charlie) == ("PUBLISH", planned)
    assert feed(bob) == feed(charlie) == planned
    october, november = "2036-10", "2036-11"
    assert calendar(of_bob, october) == ["Tuesday 21 October 22:00 to 23:00", "Tuesday 28 October 21:00 to 22:00"]
    assert calendar(of_bob, november) == ["Tuesday 4 November 22:00 to 23:00", "Tuesday 18 November 22:00 to 23:00"]
    assert calendar(of_charlie, october) == [
        "Wednesday 22 October 01:45 to 02:45",
        "Wednesday 29 October 01:45 to 02:45",
    ]
    assert calendar(of_charlie, november) == [
        "Wednesday 5 November 02:45 to 03:45",
        "Wednesday 19 November 02:45 to 03:45",
    ]

    # The lesson of the week between the two changes of clocks is moved
    open_lesson(teacher, "2036-10-28T20:00Z", "Edit")
    teacher.get_by_label("Starts").fill("2036-10-29T17:30")
    press(teacher, "Save", "Changes saved.")
    moved = (uids[1], "20361029T213000Z", "1", "CONFIRMED")
    to_bob, to_charlie = new_mail()
    assert to_bob["Subject"] == "Lesson moved: Algebra, 29 October"
    assert lessons_of(to_bob) == ["Wednesday, 29 October 2036, 22:30 to 23:30 (Europe/Berlin)"]
    assert to_charlie["Subject"] == "Lesson moved: Algebra, 30 October"
    assert lessons_of(to_charlie) == ["Thursday, 30 October 2036, 03:15 to 04:15 (Asia/Kathmandu)"]
    assert calendar_part(to_bob) == calendar_part(to_charlie) == ("REQUEST", [moved])
    assert feed(bob) == feed(charlie) == [planned[0], moved, *planned[2:]]
    assert calendar(of_bob, october)[1:] == ["Wednesday 29 October 22:30 to 23:30"]
    assert calendar(of_charlie, october)[1:] == ["Thursday 30 October 03:15 to 04:15"]

    # The first lesson after both changes of clocks is cancelled
    open_lesson(teacher, "2036-11-04T21:00Z", "Cancel lesson…")
    teacher.get_by_label("Message to the students").fill("I am ill")
    press(teacher, "Cancel lesson", "Lesson cancelled.")
    cancelled = (uids[2], "20361104T210000Z", "1", "CANCELLED")
    to_bob, to_charlie = new_mail()
    assert to_bob["Subject"] == "Lesson cancelled: Algebra, 4 November"
    assert lessons_of(to_bob) == ["Tuesday, 4 November 2036, 22:00 to 23:00 (Europe/Berlin) – I am ill"]
    assert to_charlie["Subject"] == "Lesson cancelled: Algebra, 5 November"
    assert lessons_of(to_charlie) == ["Wednesday, 5 November 2036, 02:45 to 03:45 (Asia/Kathmandu) – I am ill"]
    assert calendar_part(to_bob) == calendar_part(to_charlie) == ("CANCEL", [cancelled])
    assert feed(bob) == feed(charlie) == [planned[0], moved, cancelled, planned[3]]
    assert calendar(of_bob, november)[:1] == ["Tuesday 4 November 22:00 to 23:00 Cancelled"]
    assert calendar(of_charlie, november)[:1] == ["Wednesday 5 November 02:45 to 03:45 Cancelled"]
