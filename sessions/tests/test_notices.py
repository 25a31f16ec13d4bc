"""Notices by mail about lessons: who is told what, and what is no longer told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Membership
from sessions.notices import members_of
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import mail_notices
from tutorarc.models import Event
from tutorarc.testing.mail import MAIL_JOBS

PUBLIC = "https://school.example"
START = datetime(2026, 3, 20, 10, tzinfo=UTC)
WHEN = "Friday, 20 March 2026, 10:00 to 11:00 (UTC)"


@pytest.fixture(autouse=True)
def _before_the_lesson(settings, half_past_nine):
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture
def lesson(algebra, schedule):
    """`lesson(title="Matrices")`: a lesson of Algebra, by Alice."""
    return lambda **fields: schedule(klass=algebra, **{"title": "Matrices", **fields})


def test_a_new_lesson_is_told_to_the_members(lesson, told_bob):
    session = lesson()
    [letter] = told_bob()
    assert letter.subject == "New lesson: Matrices, 20 March"
    assert letter.body.split("\n-- \n")[0] == (
        "Hello Bob,\n\n"
        "New:\n"
        f"- Matrices (Algebra): {WHEN}\n\n"
        f"Open the lesson: {PUBLIC}/api/v1/sessions/{session.pk}\n\n"
        "TutorArc\n"
    )
    assert "You get this e-mail because you are in a class with this lesson.\n" in letter.body


def test_a_mail_has_the_time_zone_of_its_reader(lesson, told_bob, bob):
    bob.edit(Actor(bob), time_zone="Pacific/Auckland")
    lesson()
    [letter] = told_bob()
    assert letter.subject == "New lesson: Matrices, 20 March"
    assert "Friday, 20 March 2026, 23:00 to Saturday, 21 March 2026, 00:00 (Pacific/Auckland)" in letter.body


def test_only_approved_members_other_than_the_actor_are_told(
    lesson, algebra, alice, bob, charlie, dora, join, sent_mail
):
    join(algebra, bob, "APPROVED")
    join(algebra, charlie, "PENDING")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    before = len(sent_mail())
    lesson()
    assert sorted(letter.to[0] for letter in sent_mail()[before:]) == [bob.email, dora.email]


def test_the_members_of_a_large_class_are_read_in_parts(lesson, algebra, alice, crowd, monkeypatch):
    """A read that goes on while notices are written would keep SQLite from writing them."""
    monkeypatch.setattr("sessions.notices.READ_TOGETHER", 2)
    people = [alice, *crowd(algebra, 4)]
    lesson()
    event = Event.objects.get(type="session.scheduled")
    with CaptureQueriesContext(connection) as queries:
        told = list(members_of([event]))
    assert told == [(event, user_id) for user_id in sorted(person.pk for person in people)]
    assert [" LIMIT 2" in query["sql"] for query in queries] == [False, True, True, True, True]


def test_mails_about_lessons_delay_no_others(lesson, algebra, bob, charlie, join, queue_notices):
    join(algebra, bob, "APPROVED")
    queue_notices()
    Job.objects.filter(kind__in=MAIL_JOBS).delete()
    lesson()
    Membership.objects.request(algebra, algebra.class_code, Actor(charlie))
    queue_notices()
    jobs = Job.objects.filter(key__isnull=False, payload__has_key="user").values_list("kind", "payload__kind")
    assert sorted(jobs) == [("class_notices", "lessons"), ("notices", "join_requests")]


def test_many_lessons_are_one_mail(lesson, told_bob):
    for day in range(3):
        lesson(title=f"Matrices {day}", start_time=START + timedelta(days=day))
    [letter] = told_bob()
    assert letter.subject == "3 new lessons of Algebra"
    assert [line.split(" (")[0] for line in letter.body.splitlines() if line.startswith("- ")] == [
        "- Matrices 0",
        "- Matrices 1",
        "- Matrices 2",
    ]
    assert f"Your lessons: {PUBLIC}/api/v1/sessions\n" in letter.body


@pytest.mark.parametrize("changes", [{"start_time": START + timedelta(hours=1)}, {"duration": 30}])
def test_a_moved_lesson_is_told_with_its_new_time(lesson, told_bob, alice, changes):
    session = lesson()
    told_bob()
    session.reschedule(Actor(alice), **changes)
    [letter] = told_bob()
    until = {"start_time": "11:00 to 12:00", "duration": "10:00 to 10:30"}[next(iter(changes))]
    assert letter.subject == "Lesson moved: Matrices, 20 March"
    assert f"Moved:\n- Matrices (Algebra): Friday, 20 March 2026, {until} (UTC)\n" in letter.body


@pytest.mark.parametrize("changes", [{"title": "Groups"}, {"strict": False}])
def test_other_changes_are_not_told(lesson, told_bob, alice, changes):
    session = lesson()
    told_bob()
    session.reschedule(Actor(alice), **changes)
    assert told_bob() == []


def test_a_lesson_that_was_moved_back_is_not_told(lesson, told_bob, alice):
    session = lesson()
    told_bob()
    session.reschedule(Actor(alice), start_time=START + timedelta(hours=1))
    session.reschedule(Actor(alice), start_time=START)
    assert told_bob() == []


def test_a_lesson_that_was_moved_twice_is_told_once(lesson, told_bob, alice):
    session = lesson()
    told_bob()
    for hours in (1, 2):
        session.reschedule(Actor(alice), start_time=START + timedelta(hours=hours))
    [letter] = told_bob()
    assert "12:00 to 13:00" in letter.body


@pytest.mark.parametrize("subject", ["Lesson moved: Matrices, 20 March", "Lesson cancelled: Matrices, 20 March"])
def test_a_change_without_a_notice_yet_is_told_once(lesson, told_bob, alice, bob, queue_notices, subject):
    """The mail about the change before is composed in the meantime, or again after a crash."""
    session = lesson()
    told_bob()
    session.reschedule(Actor(alice), start_time=START + timedelta(hours=1))
    queue_notices()
    if "moved" in subject:
        session.reschedule(Actor(alice), start_time=START + timedelta(hours=2))
    else:
        session.cancel(Actor(alice))
    mail_notices({"user": bob.pk, "kind": "lessons"})
    assert [letter.subject for letter in told_bob()] == [subject]


def test_a_new_lesson_that_was_moved_is_new_at_its_new_time(lesson, told_bob, alice):
    lesson().reschedule(Actor(alice), start_time=START + timedelta(hours=1))
    [letter] = told_bob()
    assert (letter.subject, "11:00 to 12:00" in letter.body) == ("New lesson: Matrices, 20 March", True)


def test_a_cancelled_lesson_is_told(lesson, told_bob, alice):
    session = lesson()
    told_bob()
    session.cancel(Actor(alice))
    [letter] = told_bob()
    assert letter.subject == "Lesson cancelled: Matrices, 20 March"
    assert f"Cancelled:\n- Matrices (Algebra): {WHEN}\n" in letter.body


def test_a_lesson_that_was_cancelled_before_anybody_knew_is_not_told(lesson, told_bob, alice):
    lesson().cancel(Actor(alice))
    assert told_bob() == []


def test_changes_of_several_lessons_are_one_mail(lesson, told_bob, alice):
    first, second = lesson(), lesson(title="Groups", start_time=START + timedelta(days=1))
    told_bob()
    first.cancel(Actor(alice))
    second.reschedule(Actor(alice), duration=90)
    lesson(title="Rings", start_time=START + timedelta(days=2))
    [letter] = told_bob()
    assert letter.subject == "Changes to 3 lessons of Algebra"
    assert [line for line in letter.body.splitlines() if line in ("New:", "Moved:", "Cancelled:")] == [
        "New:",
        "Moved:",
        "Cancelled:",
    ]


def test_who_left_the_class_meanwhile_is_not_told(lesson, told_bob, algebra, alice, bob, queue_notices):
    lesson()
    queue_notices()
    Membership.objects.leave(algebra, Actor(bob))
    assert told_bob() == []


def test_a_class_that_was_archived_meanwhile_tells_nothing(lesson, told_bob, algebra, alice, queue_notices):
    lesson()
    queue_notices()
    algebra.archive(Actor(alice))
    assert told_bob() == []


def test_a_lesson_in_the_past_is_not_told(lesson, told_bob):
    lesson(start_time=START - timedelta(days=30))
    assert (told_bob(), Notice.objects.filter(kind="lessons").count()) == ([], 0)


def test_a_lesson_that_is_over_by_then_is_not_told(lesson, told_bob, queue_notices, time_machine):
    lesson()
    queue_notices()
    time_machine.move_to(START + timedelta(hours=2), tick=False)
    assert told_bob() == []


def test_a_session_without_a_class_tells_nobody(schedule, told_bob):
    schedule()
    assert told_bob() == []


def test_what_an_api_key_of_the_teacher_does_is_told_to_the_others(api, alice, algebra, told_bob):
    body = {
        "title": "Matrices",
        "startTime": "2026-03-20T10:00:00Z",
        "duration": 60,
        "teacherId": "t",
        "classId": algebra.pk,
    }
    assert api(alice).post("/sessions", body).status_code == 201
    assert [letter.subject for letter in told_bob()] == ["New lesson: Matrices, 20 March"]


def test_a_lesson_that_ends_on_another_day_says_so(lesson, told_bob):
    lesson(start_time=datetime(2026, 3, 20, 23, 30, tzinfo=UTC))
    [letter] = told_bob()
    assert "Friday, 20 March 2026, 23:30 to Saturday, 21 March 2026, 00:30 (UTC)" in letter.body


def test_the_statements_for_a_person_do_not_grow_with_the_lessons(
    lesson, algebra, bob, join, sent_mail, queue_notices, django_assert_num_queries
):
    join(algebra, bob, "APPROVED")
    sent_mail()
    for day in range(5):
        lesson(start_time=START + timedelta(days=day))
    queue_notices()
    with django_assert_num_queries(9):
        mail_notices({"user": bob.pk, "kind": "lessons"})


def test_the_site_can_have_another_time_zone(lesson, told_bob, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    lesson()
    [letter] = told_bob()
    assert "Friday, 20 March 2026, 11:00 to 12:00 (Europe/Berlin)" in letter.body
