"""Notices by mail about series: new, cancelled and moved ones are told in as few lines as possible."""

from datetime import UTC, datetime, timedelta

import pytest

from sessions.models import Series
from sessions.models.series_changes import cancel, reschedule
from tutorarc.domain.events import Actor

START = datetime(2026, 3, 20, 10, tzinfo=UTC)
WHEN = "Friday, 20 March 2026, 10:00 to 11:00 (UTC)"


@pytest.fixture(autouse=True)
def _before_the_lessons(settings, half_past_nine):
    settings.PUBLIC_URL = "https://school.example"


@pytest.fixture
def tuesdays(schedule_series, algebra, told_bob):
    """Five Tuesdays at 16:00 in Berlin, whose clocks are put back on 26 October; told already."""
    made = schedule_series(klass=algebra)
    told_bob()
    return made


def moved_lines(letter):
    return letter.body.partition("Moved:\n")[2].partition("\n\n")[0].splitlines()


def test_a_series_is_one_mail_with_one_line(told_bob, alice, algebra):
    series = {"rule": "FREQ=WEEKLY;COUNT=12", "time_zone": "UTC", "klass": algebra, "title": "Matrices"}
    starts = [START + timedelta(weeks=week) for week in range(12)]
    made = Series.objects.schedule(Actor(alice), starts=starts, duration=60, teacher_ref="t_1", **series)
    [letter] = told_bob()
    when = f"12 lessons, the first {WHEN}, the last Friday, 5 June 2026, 10:00 to 11:00 (UTC)"
    assert (letter.subject, f"New:\n- Matrices (Algebra): {when}\n\n" in letter.body) == (
        "12 new lessons of Algebra",
        True,
    )
    cancel(made[10], Actor(alice), "following", "Exams")
    [letter] = told_bob()
    assert "Cancelled:\n- Matrices (Algebra): 2 lessons, the first Friday, 29 May 2026," in letter.body
    assert "(UTC) – Exams\n" in letter.body


def test_few_moved_lessons_of_a_series_have_a_line_each(tuesdays, told_bob, alice):
    one = tuesdays[2]
    reschedule(one, Actor(alice), "following", start_time=one.start_time + timedelta(hours=1))
    [letter] = told_bob()
    assert [line.split(" (UTC)")[0] for line in moved_lines(letter)] == [
        "- Algebra (Algebra): Tuesday, 28 October 2036, 16:00 to 17:00",
        "- Algebra (Algebra): Tuesday, 4 November 2036, 16:00 to 17:00",
        "- Algebra (Algebra): Tuesday, 11 November 2036, 16:00 to 17:00",
    ]


def test_a_moved_series_is_told_in_one_sentence_with_its_days(tuesdays, told_bob, alice, bob):
    bob.edit(Actor(bob), time_zone="Europe/Berlin")
    start = tuesdays[0].start_time + timedelta(days=1, hours=1)
    reschedule(tuesdays[0], Actor(alice), "all", start_time=start, duration=90)
    [letter] = told_bob()
    assert letter.subject == "Changes to 5 lessons of Algebra"
    assert moved_lines(letter) == [
        "- Algebra (Algebra): Tuesdays, 16:00 to 17:00, are now Wednesdays, 17:00 to 18:30, "
        "from 15 October 2036 to 12 November 2036 (5 lessons, Europe/Berlin)",
        "  15, 22, 29 October; 5, 12 November",
    ]
    assert "(5 lessons, Europe/Berlin)<br>  15, 22, 29 October; 5, 12 November</li>" in letter.alternatives[0].content


def test_a_change_of_clocks_begins_another_sentence_for_a_reader_elsewhere(tuesdays, told_bob, alice, bob):
    bob.edit(Actor(bob), time_zone="Asia/Kathmandu")
    start = tuesdays[0].start_time + timedelta(hours=6)
    reschedule(tuesdays[0], Actor(alice), "all", start_time=start)
    [letter] = told_bob()
    assert moved_lines(letter) == [
        "- Algebra (Algebra): Tuesdays, 19:45 to 20:45, are now Wednesdays, 01:45 to 02:45, "
        "from 15 October 2036 to 22 October 2036 (2 lessons, Asia/Kathmandu)",
        "  15, 22 October",
        "- Algebra (Algebra): Tuesdays, 20:45 to 21:45, are now Wednesdays, 02:45 to 03:45, "
        "from 29 October 2036 to 12 November 2036 (3 lessons, Asia/Kathmandu)",
        "  29 October; 5, 12 November",
    ]


def test_each_weekday_of_a_moved_series_has_its_sentence(schedule_series, algebra, told_bob, alice):
    made = schedule_series(
        klass=algebra, rule="FREQ=WEEKLY;BYDAY=TU,TH;COUNT=5", start=datetime(2036, 12, 23, 9, tzinfo=UTC)
    )
    told_bob()
    reschedule(made[0], Actor(alice), "all", start_time=made[0].start_time + timedelta(hours=1))
    [letter] = told_bob()
    assert moved_lines(letter) == [
        "- Algebra (Algebra): Tuesdays, 09:00 to 10:00, are now Tuesdays, 10:00 to 11:00, "
        "from 23 December 2036 to 6 January 2037 (3 lessons, UTC)",
        "  23, 30 December 2036; 6 January 2037",
        "- Algebra (Algebra): Thursdays, 09:00 to 10:00, are now Thursdays, 10:00 to 11:00, "
        "from 25 December 2036 to 1 January 2037 (2 lessons, UTC)",
        "  25 December 2036; 1 January 2037",
    ]


def test_a_series_that_was_moved_twice_is_told_with_its_first_hours(tuesdays, told_bob, alice):
    for hours in (1, 2):
        start = tuesdays[0].start_time + timedelta(hours=hours)
        reschedule(tuesdays[0], Actor(alice), "all", start_time=start)
    [letter] = told_bob()
    assert "Tuesdays, 14:00 to 15:00, are now Tuesdays, 16:00 to 17:00, from 14 October 2036" in letter.body
