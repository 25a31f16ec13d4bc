"""Reminders by mail a day before a lesson: who gets them, once each, and what is no longer told."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from sessions.reminders import plan_coming_reminders, plan_reminders, remind
from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.jobs.run import run
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.mail.outgoing import OFF
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.testing.mail import do_mail_jobs

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
START = NOW + 3 * DAY
PUBLIC = "https://school.example"


@pytest.fixture(autouse=True)
def _now(half_past_nine, settings):
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture
def lesson(algebra, bob, join, schedule):
    """`lesson(title="Matrices")`: a lesson of Algebra in three days, by Alice; Bob is in the class."""
    join(algebra, bob)
    return lambda **fields: schedule(**{"klass": algebra, "title": "Matrices", "start_time": START, **fields})


@pytest.fixture
def reminded(time_machine):
    """`reminded(moment)`: the reminders that are mailed until then, as addresses and subjects."""

    def until(moment):
        consume_events()
        time_machine.move_to(moment, tick=False)
        while jobs := Job.objects.claim(["remind"], "test", 100):
            for job in jobs:
                run(job)
        consume_events()
        do_mail_jobs()
        letters = [letter for letter in mail.outbox if letter.subject.startswith("Reminder")]
        mail.outbox.clear()
        return sorted((letter.to[0], letter.subject) for letter in letters)

    return until


WHEN = "Tuesday, 17 March 2026, 09:30 to 10:30 (UTC)"
SUBJECT = f"Reminder: Matrices, {WHEN}"


def test_everybody_in_the_class_is_reminded_a_day_before(lesson, reminded, alice, bob):
    lesson()
    assert reminded(START - DAY - SECOND) == []
    assert reminded(START - DAY) == [(alice.email, SUBJECT), (bob.email, SUBJECT)]
    assert reminded(START - SECOND) == []


def test_people_choose_how_long_before(lesson, reminded, alice, bob, dora, algebra, join):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    bob.choose_reminder(1)
    dora.choose_reminder(48)
    lesson()
    people = [[address for address, _ in reminded(START - timedelta(hours=hours))] for hours in (48, 24, 3, 1)]
    assert people == [[dora.email], [alice.email], [], [bob.email]]


def test_another_choice_reminds_nobody_twice(lesson, reminded, bob):
    lesson()
    assert len(reminded(START - DAY)) == 2
    bob.choose_reminder(1)
    assert reminded(START - SECOND) == []


def test_a_lesson_within_two_days_begins_with_the_next_reminder(lesson, reminded, bob):
    bob.choose_reminder(3)
    lesson(start_time=NOW + DAY)
    assert [address for address, _ in reminded(NOW + DAY - SECOND)] == [bob.email]


def test_the_mail_leads_to_the_lesson(lesson, time_machine, bob):
    session = lesson()
    consume_events()
    time_machine.move_to(START - DAY, tick=False)
    remind({"session": session.pk, "start": "2026-03-17T09:30:00Z", "hours": 24})
    do_mail_jobs()
    [letter] = [letter for letter in mail.outbox if (letter.to, letter.subject) == ([bob.email], SUBJECT)]
    assert letter.body.split("\n-- \n")[0] == (
        "Hello Bob,\n\n"
        "Soon:\n"
        f"- Matrices (Algebra): {WHEN}\n\n"
        f"Open the lesson: {PUBLIC}/api/v1/sessions/{session.pk}\n\n"
        "TutorArc\n"
    )


def test_others_are_not_reminded(lesson, reminded, algebra, alice, bob, charlie, dora, join, schedule):
    join(algebra, charlie, "PENDING")
    UnwantedKind.objects.unsubscribe(bob.pk, "reminders")
    schedule(by=dora, title="Private", start_time=START)
    lesson()
    assert reminded(START - DAY) == [(alice.email, SUBJECT)]


def test_a_moved_lesson_has_its_reminder_at_the_new_time(lesson, reminded, alice):
    session = lesson()
    consume_events()
    session.reschedule(Actor(alice), start_time=START + DAY)
    assert reminded(START - DAY) == []
    assert [address for address, _ in reminded(START)] == ["alice@example.org", "bob@example.org"]


def test_a_lesson_that_is_moved_after_its_reminder_has_another_one(lesson, reminded, alice):
    session = lesson()
    assert len(reminded(START - DAY)) == 2
    session.reschedule(Actor(alice), start_time=START + 2 * DAY)
    assert len(reminded(START + DAY)) == 2


@pytest.mark.parametrize("stop", ["cancel", "end"])
def test_a_lesson_that_is_off_has_none(lesson, reminded, alice, stop):
    session = lesson()
    consume_events()
    getattr(session, stop)(Actor(alice))
    assert reminded(START - DAY) == []


def _cancel(session, _):
    session.cancel(Actor(session.created_by))


def _move(session, _):
    session.reschedule(Actor(session.created_by), start_time=START + DAY)


def _archive(session, _):
    session.klass.archive(Actor(session.created_by))


def _leave(session, bob):
    Membership.objects.leave(session.klass, Actor(bob))


def _unsubscribe(_, bob):
    UnwantedKind.objects.unsubscribe(bob.pk, "reminders")


@pytest.mark.parametrize("change", [_cancel, _move, _archive, _leave, _unsubscribe])
def test_what_changes_after_the_job_and_before_its_mail_counts(lesson, reminded, bob, time_machine, change):
    """The mail waits a minute."""
    session = lesson()
    time_machine.move_to(START - DAY, tick=False)
    remind({"session": session.pk, "start": "2026-03-17T09:30:00Z", "hours": 24})
    change(session, bob)
    assert bob.email not in dict(reminded(START - DAY))


def test_the_mail_has_the_time_zone_that_its_reader_has_then(lesson, reminded, bob, time_machine):
    session = lesson()
    time_machine.move_to(START - DAY, tick=False)
    remind({"session": session.pk, "start": "2026-03-17T09:30:00Z", "hours": 24})
    bob.edit(Actor(bob), time_zone="Asia/Kathmandu")
    when = "Tuesday, 17 March 2026, 15:15 to 16:15 (Asia/Kathmandu)"
    assert dict(reminded(START - DAY))[bob.email] == f"Reminder: Matrices, {when}"


def test_a_lesson_that_is_moved_to_within_a_day_has_none_because_it_was_just_told(lesson, reminded, alice):
    session = lesson()
    consume_events()
    session.reschedule(Actor(alice), start_time=NOW + DAY)
    assert reminded(NOW + DAY - SECOND) == []
    assert reminded(START) == []


def test_an_archived_class_has_none(lesson, reminded, algebra, alice):
    lesson()
    algebra.archive(Actor(alice))
    assert reminded(START - DAY) == []


def test_the_lessons_of_a_class_that_is_taken_up_again_have_their_next_one(lesson, reminded, algebra, alice):
    lesson()
    LiveSession.objects.update(updated_at=NOW)
    algebra.archive(Actor(alice))
    assert reminded(START - DAY) == []
    algebra.unarchive(Actor(alice))
    plan_coming_reminders({})
    assert len(reminded(START - timedelta(hours=3))) == 2


def test_the_mail_of_a_day_does_not_use_up_the_reminder_of_an_archived_class(
    lesson, reminded, algebra, alice, bob, join
):
    lesson(start_time=START + timedelta(hours=5))
    botany = Class.objects.create_with_teacher(Actor(alice), title="Botany")
    join(botany, bob)
    lesson(klass=botany, title="Roots")
    LiveSession.objects.update(updated_at=NOW)
    algebra.archive(Actor(alice))
    assert len(reminded(START - DAY)) == 2
    algebra.unarchive(Actor(alice))
    plan_coming_reminders({})
    assert len(reminded(START + timedelta(hours=2))) == 2


def test_a_lesson_within_a_day_has_none_because_it_was_just_told(lesson, reminded):
    lesson(start_time=NOW + DAY)
    assert reminded(NOW + DAY - SECOND) == []


def test_a_late_worker_still_reminds_until_the_start(lesson, reminded):
    lesson()
    assert len(reminded(START - SECOND)) == 2
    lesson(start_time=START + 3 * DAY)
    assert reminded(START + 3 * DAY) == []


def test_lessons_of_the_same_time_are_one_mail(lesson, reminded, bob):
    lesson()
    lesson(title="Vectors")
    assert (bob.email, "Reminder of 2 lessons, Tuesday, 17 March") in reminded(START - DAY)


def test_a_mail_about_several_days_names_none_in_its_subject(lesson, reminded, bob):
    """A worker that was stopped for a day does what is due."""
    lesson()
    lesson(start_time=START + timedelta(hours=15))
    lesson(start_time=START + timedelta(hours=20))
    assert (bob.email, "Reminder of 3 lessons") in reminded(START - SECOND)


@pytest.fixture
def three_lessons(lesson, alice):
    """At 9:30, 20:00 and 23:00, the second one in a class of Alice's in which Bob isn't."""
    geometry = Class.objects.create_with_teacher(Actor(alice), title="Geometry", description="")
    lesson()
    lesson(title="Angles", klass=geometry, start_time=START.replace(hour=20, minute=0))
    return lesson(title="Vectors", start_time=START.replace(hour=23, minute=0))


def test_lessons_of_a_day_are_one_mail(three_lessons, reminded, alice, bob):
    """A day of the reader: when it is 23:00 in UTC, Bob's clock shows 12:00 of the next day."""
    bob.edit(Actor(bob), time_zone="Pacific/Auckland")
    assert reminded(START - DAY) == [
        (alice.email, "Reminder of 3 lessons, Tuesday, 17 March"),
        (bob.email, "Reminder: Matrices, Tuesday, 17 March 2026, 22:30 to 23:30 (Pacific/Auckland)"),
    ]
    assert [address for address, _ in reminded(START)] == [bob.email]


def test_a_lesson_of_the_day_that_is_moved_has_a_reminder_of_its_own(three_lessons, reminded, alice):
    assert len(reminded(START - DAY)) == 2
    three_lessons.reschedule(Actor(alice), start_time=START + 3 * DAY)
    assert len(reminded(START + 2 * DAY)) == 2


def test_reminders_on_the_day_itself_come_one_by_one(three_lessons, reminded, alice):
    alice.choose_reminder(3)
    moments = [START - timedelta(hours=3), START.replace(hour=17, minute=0), START.replace(hour=20, minute=0)]
    mails = [[subject for address, subject in reminded(moment) if address == alice.email] for moment in moments]
    assert [len(subjects) for subjects in mails] == [1, 1, 1]


def test_somebody_who_comes_after_the_reminder_gets_the_next_one(lesson, reminded, algebra, charlie, join):
    lesson()
    LiveSession.objects.update(updated_at=NOW)  # the clock was stopped, and ids don't go back with it
    assert len(reminded(START - DAY)) == 2
    join(algebra, charlie)
    assert [address for address, _ in reminded(START - timedelta(hours=3))] == [charlie.email]
    assert reminded(START - timedelta(hours=1)) == []


@pytest.mark.parametrize("lessons", [1, 5])
def test_the_statements_of_a_reminder_do_not_grow_with_the_lessons_of_the_day(
    lesson, lessons, time_machine, django_assert_num_queries
):
    session = lesson()
    for number in range(lessons):
        lesson(start_time=START + timedelta(minutes=number + 1))
    time_machine.move_to(START - DAY, tick=False)
    with django_assert_num_queries(11):
        remind({"session": session.pk, "start": "2026-03-17T09:30:00Z", "hours": 24})


def test_a_worker_that_is_killed_halfway_reminds_nobody_twice(lesson, crowd, algebra, reminded, monkeypatch):
    """Its lease ends, and another worker does the job again."""
    crowd(algebra, 3)
    session = lesson()
    monkeypatch.setattr("tutorarc.mail.notices.WRITTEN_TOGETHER", 2)
    payload = {"session": session.pk, "start": "2026-03-17T09:30:00Z", "hours": 24}
    with monkeypatch.context() as killed:
        killed.setattr("sessions.reminders.in_parts", lambda notices: [list(notices)[:2]])
        remind(payload)
    assert Notice.objects.filter(kind="reminders").count() == 2
    remind(payload)
    remind(payload)
    assert Notice.objects.filter(kind="reminders").count() == 5
    assert len(reminded(START - DAY)) == 5


@pytest.fixture
def former_version():
    """`former_version()`: what was planned until now was planned before the site had reminders."""

    def forget():
        number_events()
        EventConsumer.objects.filter(name="reminders").delete()
        consume_events()
        assert not Job.objects.filter(kind="remind").exists()

    return forget


def test_a_lesson_that_a_former_version_planned_has_its_reminder(lesson, reminded, former_version, alice, bob):
    lesson()
    former_version()
    plan_coming_reminders({})
    assert reminded(START - DAY - SECOND) == []
    assert reminded(START - DAY) == [(alice.email, SUBJECT), (bob.email, SUBJECT)]
    assert reminded(START - SECOND) == []


def test_a_lesson_far_ahead_has_its_job_some_days_before(lesson, reminded, time_machine, bob):
    bob.choose_reminder(48)
    start = NOW + 100 * DAY
    lesson(start_time=start)
    consume_events()
    plan_coming_reminders({})
    time_machine.move_to(start - 4 * DAY - SECOND, tick=False)
    plan_coming_reminders({})
    assert not Job.objects.filter(kind="remind").exists()
    time_machine.move_to(start - 4 * DAY, tick=False)
    plan_coming_reminders({})
    assert [address for address, _ in reminded(start - 2 * DAY)] == [bob.email]


def test_only_lessons_that_will_be_held_in_a_class_get_one(lesson, schedule, alice, former_version):
    lesson().cancel(Actor(alice))
    lesson().end(Actor(alice))
    lesson(start_time=NOW - SECOND)
    schedule(start_time=START)
    former_version()
    plan_coming_reminders({})
    assert not Job.objects.filter(kind="remind").exists()


@pytest.mark.parametrize("lessons", [1, 20])
def test_looking_for_lessons_that_have_come_near_costs_three_statements_and_then_two(
    lesson, lessons, former_version, django_assert_num_queries
):
    for number in range(lessons):
        lesson(title=str(number))
    former_version()
    with django_assert_num_queries(3):
        plan_coming_reminders({})
    with django_assert_num_queries(2):
        plan_coming_reminders({})
    assert Job.objects.filter(kind="remind", due_at=START - 2 * DAY).count() == lessons


@pytest.mark.parametrize("lessons", [1, 20])
def test_planning_costs_one_statement(lesson, lessons, django_assert_num_queries):
    for number in range(lessons):
        lesson(title=str(number))
    consume_events()
    Job.objects.all().delete()
    events = list(Event.objects.filter(type="session.scheduled"))
    with django_assert_num_queries(1):
        plan_reminders(events)
    assert Job.objects.filter(kind="remind", due_at=START - 2 * DAY).count() == lessons


def test_where_no_mail_is_sent_nothing_is_planned(lesson, settings):
    settings.EMAIL_BACKEND = OFF
    lesson()
    consume_events()
    plan_coming_reminders({})
    assert not Job.objects.filter(kind="remind").exists()
    assert LiveSession.objects.count() == 1
