"""Calendar feeds: which lessons they have for whom, what they tell of each, and when they end."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from classes.models import Class
from members.models import Membership
from sessions.calendars import reads
from sessions.calendars.text import moment
from sessions.calendars.tokens import feed_path
from sessions.models import LiveSession
from sessions.tests.calendar_text import events_of, lines_of, text
from sessions.tests.expected import BOARD
from tutorarc.domain.events import SYSTEM, Actor

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)  # as in the fixture half_past_nine
DAY = timedelta(days=1)
NO_ID = "01h455vb4pex5vsknk084sn02q"  # the end of an id that names nothing


@pytest.fixture(autouse=True)
def _now(half_past_nine):
    pass


@pytest.fixture
def lesson(algebra, schedule):
    """`lesson(title="Matrices")`: a lesson of Algebra tomorrow, by Alice."""
    return lambda **fields: schedule(**{"klass": algebra, "title": "Matrices", "start_time": NOW + DAY, **fields})


def read(user, class_id=None, **headers):
    return Client().get(feed_path(user, class_id), headers=headers)


def events(user, class_id=None):
    return events_of(read(user, class_id).content)


def titles(user, class_id=None):
    return [event["SUMMARY"] for event in events(user, class_id)]


def test_a_feed_is_a_calendar_that_is_read_every_hour(alice):
    response = read(alice)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert lines_of(response.content) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//TutorArc//Lessons//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Lessons",
        "X-WR-CALNAME:Lessons",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "END:VCALENDAR",
    ]


def test_an_event_tells_a_student_of_a_lesson(lesson, algebra, bob, join):
    join(algebra, bob)
    session = lesson(room_url="https://meet.example.com/algebra")
    link = f"{BOARD}/join?id={session.pk}"
    assert events(bob) == [
        {
            "UID": f"{session.pk}@tutorarc",
            "DTSTAMP": moment(session.updated_at),
            "LAST-MODIFIED": moment(session.updated_at),
            "SEQUENCE": "0",
            "DTSTART": "20260315T093000Z",
            "DTEND": "20260315T103000Z",
            "SUMMARY": "Matrices",
            "DESCRIPTION": f"Algebra\\nJoin: {link}",
            "LOCATION": link,
            "URL": link,
            "STATUS": "CONFIRMED",
        }
    ]


@pytest.mark.parametrize("is_of_class", [True, False])
def test_teachers_get_their_own_link_without_a_token(lesson, alice, is_of_class, settings):
    settings.SIGNED_TEACHER_LINKS = True
    session = lesson() if is_of_class else lesson(klass=None)
    assert [event["URL"] for event in events(alice)] == [f"{BOARD}/board?id={session.pk}&role=teacher"]


def test_each_person_gets_their_own_lessons(lesson, algebra, alice, bob, charlie, dora, admin, join, schedule):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    lesson()
    schedule(by=dora, title="Private", start_time=NOW + DAY)
    people = (alice, bob, charlie, dora, admin)
    assert [titles(user) for user in people] == [["Matrices"], ["Matrices"], [], ["Private"], []]


def test_lessons_disappear_from_the_feed_of_somebody_who_left(lesson, algebra, bob, join, alice):
    join(algebra, bob)
    lesson()
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    assert titles(bob) == []
    assert titles(bob, algebra.pk) == []
    assert "NAME:Lessons" in lines_of(read(bob, algebra.pk).content)  # no longer the title of the class


def test_a_class_has_a_feed_of_its_own(lesson, algebra, alice, bob, admin, join, schedule):
    join(algebra, bob)
    lesson()
    schedule(title="Private", start_time=NOW + DAY)
    assert [titles(user, algebra.pk) for user in (alice, bob, admin)] == [["Matrices"]] * 3
    assert "NAME:Algebra" in lines_of(read(bob, algebra.pk).content)


def test_lessons_of_the_last_90_days_come_first(lesson, alice):
    for days in (-89, 400, -91, -1, 1):
        lesson(title=f"Day {days}", start_time=NOW + days * DAY)
    assert titles(alice) == ["Day -89", "Day -1", "Day 1", "Day 400"]


def test_the_lessons_to_come_have_room_first(lesson, alice, monkeypatch):
    monkeypatch.setattr("sessions.calendars.reads.MOST", 3)
    for days in (-3, -2, -1, 1, 2):
        lesson(title=f"Day {days}", start_time=NOW + days * DAY)
    assert titles(alice) == ["Day -1", "Day 1", "Day 2"]


def test_a_lesson_to_come_of_an_archived_class_is_left_out(lesson, algebra, alice):
    lesson()
    lesson(title="Past", start_time=NOW - DAY)
    algebra.archive(Actor(alice))
    assert titles(alice) == ["Past"]


def test_a_cancelled_lesson_is_told_for_30_days(lesson, alice, time_machine):
    session = lesson(start_time=NOW + 60 * DAY)
    session.cancel(Actor(alice), "I am ill; sorry, all")
    [event] = events(alice)
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", "1")
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Cancelled: Matrices", "Algebra\\nI am ill\\; sorry\\, all")
    assert {"URL", "LOCATION"}.isdisjoint(event)
    time_machine.move_to(NOW + 29 * DAY)
    assert len(events(alice)) == 1
    time_machine.move_to(NOW + 31 * DAY)
    assert events(alice) == []


def test_a_lesson_that_was_ended_before_it_began_is_left_out(lesson, alice):
    lesson().end(Actor(alice))
    assert events(alice) == []


@pytest.mark.parametrize(
    ("verb", "changes", "sequence"),
    [
        ("reschedule", {"start_time": NOW + 2 * DAY}, 1),
        ("reschedule", {"duration": 30}, 1),
        ("reschedule", {"title": "Vectors"}, 1),
        ("reschedule", {"title": "Matrices"}, 0),
        ("renew_links", {}, 0),
        ("cancel", {}, 1),
    ],
)
def test_the_sequence_rises_with_what_a_calendar_must_take_over(lesson, alice, verb, changes, sequence):
    session = lesson()
    getattr(session, verb)(Actor(alice), **changes)
    assert [event["SEQUENCE"] for event in events(alice)] == [str(sequence)]


def test_any_title_and_message_comes_back_whole(lesson, algebra, alice):
    title = "Größe, Fläche; \\n 👩‍🏫 " + "数学" * 60
    session = lesson(title=title)
    algebra.edit(Actor(alice), title="A;B,C\\D")
    session.reschedule(Actor(alice), start_time=NOW + 2 * DAY)
    LiveSession.objects.get().cancel(Actor(alice), "One,\ntwo;\r\nthree\tfour")
    body = read(alice).content
    [event] = events_of(body)
    assert text(event["SUMMARY"]) == f"Cancelled: {title}"
    assert text(event["DESCRIPTION"]) == "A;B,C\\D\nOne,\ntwo;\nthree\tfour"
    [parsed] = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert (parsed["SUMMARY"], parsed["DESCRIPTION"]) == (f"Cancelled: {title}", text(event["DESCRIPTION"]))
    assert (parsed.start, parsed.end) == (NOW + 2 * DAY, NOW + 2 * DAY + timedelta(hours=1))


def test_control_characters_are_left_out(lesson, alice):
    """Older rows may have them; no verb would write them."""
    LiveSession.objects.filter(pk=lesson().pk).update(title="Bell\x07 and\x1b[31m\x85line")
    assert titles(alice) == ["Bell and[31m\\nline"]


def test_an_unchanged_feed_is_not_sent_again(lesson, alice, time_machine):
    session = lesson()
    etag = read(alice)["ETag"]
    time_machine.move_to(NOW + timedelta(hours=1))
    response = read(alice, **{"If-None-Match": etag})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert response["Cache-Control"] == "private, no-cache"
    session.reschedule(Actor(alice), duration=30)
    assert read(alice, **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("lessons", [1, 30])
def test_a_feed_costs_four_statements(lesson, alice, django_assert_num_queries, lessons):
    for number in range(lessons):
        lesson(title=str(number))
    path = feed_path(alice)
    with django_assert_num_queries(4) as sent:
        response = Client().get(path)
    assert len(events_of(response.content)) == lessons
    pages_of_classes = [query for query in sent if "unnest(" in query["sql"]]
    assert len(pages_of_classes) == (2 if connection.vendor == "postgresql" else 0)  # to come, and past


@pytest.fixture
def many_classes(alice, schedule):
    """A lesson of each of six classes, every day from a week ago to a week ahead."""
    for number in range(6):
        klass = Class.objects.create_with_teacher(Actor(alice), title=str(number))
        for day in range(-7, 8):
            schedule(klass=klass, title=f"{number} {day}", start_time=NOW + day * DAY + timedelta(hours=number))


@pytest.mark.parametrize("most", [1, 10, 60, 1_000])
def test_a_feed_of_many_classes_has_the_same_lessons(many_classes, alice, monkeypatch, most):
    """Also where some of the soonest are not shown."""
    monkeypatch.setattr(reads, "MOST", most)
    for session in LiveSession.objects.filter(start_time__gt=NOW, title__startswith="2"):
        session.end(Actor(alice))
    found = {}
    for few in (0, 100):
        monkeypatch.setattr(reads, "FEW_CLASSES", few)
        found[few] = titles(alice)
    assert found[0] == found[100]
    assert len(found[0]) == min(most, 6 * 15 - 8)


def test_later_lessons_of_many_classes_are_not_read(many_classes, alice, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(reads, "MOST", 8)
    is_postgres = connection.vendor == "postgresql"
    path = feed_path(alice)
    with django_assert_num_queries(4 if is_postgres else 3) as sent:
        assert len(events_of(Client().get(path).content)) == 8
    bounds = sent[-1]["sql"].count('"start_time" <=')  # in each branch one for archived classes
    assert bounds == (4 if is_postgres else 2)


# Tokens


def test_a_feed_ends_with_its_person_and_comes_back_with_them(alice):
    alice.edit(SYSTEM, is_active=False)
    assert read(alice).status_code == 404
    alice.edit(SYSTEM, is_active=True)
    assert read(alice).status_code == 200


def test_a_renewal_ends_all_addresses(alice, algebra):
    former = feed_path(alice), feed_path(alice, algebra.pk)
    renewed = alice.renew_calendar(Actor(alice))
    assert [Client().get(path).status_code for path in former] == [404, 404]
    assert [read(renewed).status_code, read(renewed, algebra.pk).status_code] == [200, 200]


def test_the_address_of_a_class_gives_no_other_lessons(alice, algebra):
    """Nor does that of another person, or one that was made up."""
    token = feed_path(alice, algebra.pk)
    person, _, signature = token.partition(".")
    others = [f"{person[:-26]}.{signature}", f"{person}.", person + ".ics", f"{person[:-26]}{NO_ID}.{signature}"]
    assert [Client().get(path).status_code for path in (token, *others)] == [200, 404, 404, 404, 404]


@pytest.mark.parametrize("token", ["x", "calfeed_", "calfeed_.", "calfeed_é.é", "calfeed_" + "0" * 52 + ".x" * 5000])
def test_a_malformed_token_is_404(db, token):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_a_former_secret_key_still_opens_a_feed(alice, settings):
    former = feed_path(alice)
    settings.SECRET_KEY_FALLBACKS = [django_settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, " * 5
    assert Client().get(former).status_code == 200
    assert feed_path(alice) != former
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().get(former).status_code == 404


def test_who_gains_rights_gets_new_addresses(bob):
    """Somebody who could sign in as Bob before may have noted the old ones."""
    former = feed_path(bob)
    bob.edit(SYSTEM, global_role="ADMIN")
    assert Client().get(former).status_code == 404


def test_the_reads_of_an_address_are_limited(alice, algebra, monkeypatch):
    monkeypatch.setattr("sessions.calendars.feeds.READS_IN_A_MINUTE", 2)
    statuses = [read(alice).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert int(read(alice)["Retry-After"]) > 0
    assert read(alice, algebra.pk).status_code == 200


def test_wrong_tokens_are_limited_by_address(db, settings):
    settings.RATE_LIMIT = 2
    statuses = [Client().get(f"/calendar/calfeed_{number}.ics").status_code for number in range(3)]
    assert statuses == [404, 404, 429]


def test_a_feed_is_only_read(alice):
    assert Client().post(feed_path(alice)).status_code == 405
    assert Client().head(feed_path(alice)).status_code == 200


# The file of one lesson


def test_a_lesson_is_a_file_for_those_who_may_see_it(client, lesson, algebra, bob, join):
    join(algebra, bob)
    session = lesson()
    client.force_login(bob)
    response = client.get(f"/lessons/{session.pk}.ics")
    assert response["Content-Disposition"] == 'attachment; filename="lesson.ics"'
    assert events_of(response.content) == events(bob)


def test_others_get_no_file(client, lesson, charlie):
    session = lesson()
    path = f"/lessons/{session.pk}.ics"
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    client.force_login(charlie)
    assert client.get(path).status_code == 403
    assert client.get("/lessons/session_1.ics").status_code == 404


def test_a_thousand_lessons_are_the_most(alice, algebra):
    sessions = [
        LiveSession(
            klass=algebra, created_by=alice, title=f"Lesson {number}", start_time=NOW + number * DAY / 4,
            end_time=NOW + number * DAY / 4, duration=60, teacher_ref="1",
        )
        for number in range(1, 1003)
    ]  # fmt: skip
    LiveSession.objects.bulk_create(sessions)
    assert len(titles(alice)) == 1000
