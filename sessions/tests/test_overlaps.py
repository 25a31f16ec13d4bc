"""Lessons at the same time: told where a teacher plans one, and refused nowhere."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from classes.models import Class
from sessions.overlaps import overlapping, overlapping_any
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML

TEN = datetime(2036, 3, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def planned(schedule, algebra):
    return schedule(title="Planned", klass=algebra, start_time=TEN)


@pytest.fixture
def told(signed_in):
    """The lessons that the page of one tells the user about."""

    def get(user, session):
        page = signed_in(user).get(f"/sessions/{session.pk}", headers=HTML)
        return [lesson.title for lesson in page.context.get("overlaps", ())]

    return get


def test_lessons_that_go_on_meanwhile_are_told_and_those_before_and_after_are_not(schedule, planned, told, alice):
    for title, start, minutes in (
        ("Ends as it starts", TEN - HOUR, 60),
        ("Starts as it ends", TEN + HOUR, 60),
        ("Ends in it", TEN - HOUR, 61),
        ("All day", TEN - 23 * HOUR, 1440),
        ("In it", TEN + HOUR / 2, 10),
    ):
        schedule(title=title, start_time=start, duration=minutes)
    assert told(alice, planned) == ["All day", "Ends in it", "In it"]


def test_no_more_than_three_are_named(schedule, planned, told, alice):
    for number in range(4):
        schedule(title=f"Lesson {number}", start_time=TEN + number * HOUR / 10)
    assert told(alice, planned) == ["Lesson 0", "Lesson 1", "Lesson 2"]


def test_what_does_not_take_place_is_not_told(schedule, planned, told, alice):
    old = Class.objects.create_with_teacher(Actor(alice), title="Old")
    schedule(klass=old, start_time=TEN)
    old.archive(Actor(alice))
    schedule(start_time=TEN).cancel(Actor(alice))
    schedule(start_time=TEN).end(Actor(alice))
    assert told(alice, planned) == []


def test_they_are_those_of_the_user_and_no_others(schedule, planned, told, alice, dora, admin, algebra):
    schedule(title="Alice's", start_time=TEN)
    schedule(title="Dora's", start_time=TEN, by=dora)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    schedule(title="The administrator's", start_time=TEN, by=admin)
    assert [told(user, planned) for user in (alice, dora, admin)] == [["Alice's"], ["Dora's"], []]


def test_students_are_told_nothing(schedule, planned, told, bob, algebra, join):
    join(algebra, bob)
    schedule(title="Of the class", start_time=TEN, klass=algebra)
    assert told(bob, planned) == []


def test_the_form_to_schedule_tells_them_at_the_time_that_it_shows(schedule, planned, signed_in, alice):
    schedule(title="A week later", start_time=TEN + timedelta(days=7))
    page = signed_in(alice).get(f"http://testserver/lessons/new?like={planned.pk}", headers=HTML)
    assert [lesson.title for lesson in page.context["overlaps"]] == ["A week later"]
    assert "At the same time you have:" in page.text


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2036-03-20T10:30", "60", ["Planned"]),
        ("2036-03-20T10:30:00Z", "60", ["Planned"]),
        ("2036-03-20T11:00", "60", []),
        ("", "60", []),
        ("9999-12-31T23:59", "60", []),
        ("2036-03-20T10:30", "other", []),
        ("2036-03-20T10:30", "9" * 20, []),
    ],
)
def test_the_form_that_is_shown_again_tells_them_at_the_typed_time(planned, post_form, alice, start, length, expected):
    sent = {"title": "New", "classId": "", "startTime": start, "length": length, "duration": "", "teacherId": "t"}
    page = post_form(alice, "/sessions", **sent)
    assert (page.status_code, [lesson.title for lesson in page.context["overlaps"]]) == (400, expected)


def test_the_dates_of_a_series_tell_them_at_those_that_are_ticked(schedule, post_form, alice):
    for week in (0, 2, 3):
        schedule(title=f"In week {week}", start_time=TEN + timedelta(weeks=week, minutes=30))
    schedule(title="On another day", start_time=TEN + timedelta(days=8))
    sent = {"title": "New", "classId": "none", "startTime": "2036-03-20T10:00:00Z", "length": "60", "teacherId": "t"}
    sent |= {"repeat": "weekly", "times": "3", "timeZone": "UTC"}
    page = post_form(alice, "/sessions", **sent)
    assert [lesson.title for lesson in page.context["overlaps"]] == ["In week 0", "In week 2"]
    none_ticked = {"datesOf": page.context["form"].dates_of, "date": []}
    page = post_form(alice, "/sessions", **sent, **none_ticked)
    assert (page.status_code, page.context["overlaps"]) == (400, [])


SINGLE = {"startTime": "2036-03-20T10:30:00.000Z", "length": "60", "duration": "60", "repeat": "", "timeZone": "UTC"}
WEEKLY = SINGLE | {"repeat": "weekly", "times": "3", "until": ""}
PROPOSAL = {"datesOf": "FREQ=WEEKLY;COUNT=3 UTC 2036-03-20T10:30:00Z"}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (SINGLE, ["In week 0"]),
        (SINGLE | {"startTime": "2036-03-20T11:00:00.000Z"}, []),
        (SINGLE | {"length": "other", "duration": "0"}, []),
        (WEEKLY, ["In week 0", "In week 2"]),
        (WEEKLY | {"times": ""}, ["In week 0"]),
        (WEEKLY | {"weekday": "FR"}, []),
        (WEEKLY | PROPOSAL | {"date": "2036-04-03T10:30:00Z"}, ["In week 2"]),
        (WEEKLY | PROPOSAL, []),
        (WEEKLY | {"timeZone": "Nowhere"}, ["In week 0"]),
    ],
)
def test_the_form_tells_them_while_its_times_are_changed(schedule, signed_in, alice, typed, expected):
    for week in (0, 2):
        schedule(title=f"In week {week}", start_time=TEN + timedelta(weeks=week))
    page = signed_in(alice).get("http://testserver/lessons/new", typed, headers=HTML)
    assert (page.status_code, [lesson.title for lesson in page.context["overlaps"]]) == (200, expected)


def test_local_times_of_a_class_are_in_its_zone(schedule, algebra, signed_in, alice):
    algebra.change_settings(Actor(alice), time_zone="Europe/Berlin")
    schedule(title="At eleven in Berlin", start_time=TEN)
    typed = SINGLE | {"startTime": "2036-03-20T11:30", "classId": algebra.pk}
    page = signed_in(alice).get("http://testserver/lessons/new", typed, headers=HTML)
    assert [lesson.title for lesson in page.context["overlaps"]] == ["At eleven in Berlin"]


def test_the_times_alone_are_in_the_address(signed_in, alice):
    page = signed_in(alice).get("http://testserver/lessons/new", headers=HTML)
    [sent] = re.findall(r'hx-params="([^"]*)"', page.text)
    assert sent == "classId,startTime,length,duration,repeat,weekday,until,times,timeZone,date,datesOf"
    page = signed_in(alice).get(
        "http://testserver/lessons/new", SINGLE | {"roomUrl": "https://x.example"}, headers=HTML
    )
    assert page.context["form"]["roomUrl"].value() is None


def test_a_series_of_most_lessons_is_one_statement(alice, planned, django_assert_num_queries):
    weeks = [TEN + timedelta(weeks=week) for week in range(-199, 1)]
    with django_assert_num_queries(1):
        assert overlapping_any(alice, [(start, start + HOUR) for start in weeks]) == [planned]


def test_nothing_is_refused_and_the_page_of_the_new_lesson_tells(planned, post_form, alice):
    sent = {"title": "New", "classId": "none", "startTime": "2036-03-20T10:30:00Z", "length": "60", "teacherId": "t"}
    page = post_form(alice, "/sessions", **sent)
    assert (page.status_code, [lesson.title for lesson in page.context["overlaps"]]) == (201, ["Planned"])


def test_each_part_of_the_query_reads_three_lessons(alice, django_assert_num_queries):
    with django_assert_num_queries(1) as sent:
        overlapping(alice, TEN, TEN + HOUR)
    assert sent[0]["sql"].count("LIMIT 3") == 3  # both branches, and all
