"""The worker writes an event when the clock starts a session, and when it ends a strict one: one each."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.jobs import find_clock_times, write_clock_events
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.models.event import number_events

START = datetime(2026, 3, 20, 10, tzinfo=UTC)  # of the fixture's session, which lasts 60 minutes and is strict
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _an_hour_before(time_machine):
    time_machine.move_to(START - HOUR, tick=False)


@pytest.fixture
def written(time_machine):
    """`written(session, moment)`: what the worker has written of the session until then."""

    def until(session, moment):
        time_machine.move_to(moment, tick=False)
        while write_clock_events():
            pass
        return [(event.type.removeprefix("session."), event.from_status) for event in by_clock(session)]

    return until


def by_clock(session):
    return Event.objects.filter(session_id=session.pk, actor_user_id=None).order_by("pk")


STARTED, ENDED = ("started", "SCHEDULED"), ("ended", "LIVE")


def test_a_strict_session_is_started_and_ended_once(schedule, written):
    session = schedule()
    assert written(session, START - timedelta(seconds=1)) == []
    assert written(session, START) == [STARTED]
    assert written(session, START + HOUR - timedelta(seconds=1)) == [STARTED]
    assert written(session, START + HOUR) == [STARTED, ENDED]
    assert written(session, START + 48 * HOUR) == [STARTED, ENDED]


def test_an_event_of_the_clock_says_how_the_status_changed(schedule, written):
    session = schedule()
    written(session, START)
    [event] = by_clock(session)
    assert (event.changes, event.data["status"]) == ({"status": ["SCHEDULED", "LIVE"]}, "LIVE")
    assert (event.actor_user_id, event.actor_key_id, event.created_at) == (None, None, START)


def test_one_that_is_not_strict_is_only_started(schedule, written):
    assert written(schedule(strict=False), START + 48 * HOUR) == [STARTED]


def test_what_happened_while_no_worker_ran_is_written_later(schedule, written):
    session = schedule()
    assert written(session, START + 48 * HOUR) == [STARTED, ENDED]
    assert list(by_clock(session).values_list("changes__status", "data__status")) == [
        (["SCHEDULED", "LIVE"], "LIVE"),
        (["LIVE", "ENDED"], "ENDED"),
    ]


def test_a_cancelled_session_has_no_events_of_the_clock(schedule, written, alice):
    session = schedule()
    session.cancel(Actor(alice))
    assert written(session, START + 2 * HOUR) == []


def test_one_that_a_person_has_ended_is_not_ended_by_the_clock(schedule, written, alice):
    session = schedule()
    assert written(session, START) == [STARTED]
    session.end(Actor(alice))
    assert written(session, START + 2 * HOUR) == [STARTED]


def test_one_that_is_ended_before_the_worker_comes_is_started_first(schedule, written, alice, time_machine):
    session = schedule()
    time_machine.move_to(START + MINUTE, tick=False)
    session.end(Actor(alice))
    number_events()
    events = Event.objects.filter(session_id=session.pk).order_by("position")
    assert list(events.values_list("type", "actor_user_id", "changes__status"))[1:] == [
        ("session.started", None, ["SCHEDULED", "LIVE"]),
        ("session.ended", alice.pk, ["LIVE", "ENDED"]),
    ]
    assert written(session, START + 2 * HOUR) == [STARTED]


@pytest.mark.parametrize("worker_was_here", [True, False])
def test_one_that_is_ended_before_its_start_is_never_started(schedule, written, alice, worker_was_here):
    session = schedule()
    if worker_was_here:
        written(session, START - MINUTE)
    session.end(Actor(alice))
    assert written(session, START + 2 * HOUR) == []


def test_a_moved_session_is_started_at_its_new_time(schedule, written, alice):
    session = schedule()
    session.reschedule(Actor(alice), start_time=START + 2 * HOUR)
    assert written(session, START + HOUR) == []
    assert written(session, START + 3 * HOUR) == [STARTED, ENDED]


def test_one_that_is_moved_after_its_start_is_started_again(schedule, written, alice):
    session = schedule()
    written(session, START)
    session.reschedule(Actor(alice), start_time=START + 2 * HOUR)
    assert written(session, START + 3 * HOUR) == [STARTED, STARTED, ENDED]


def test_one_that_is_made_longer_is_ended_later_and_not_started_again(schedule, written, alice):
    session = schedule()
    written(session, START)
    session.reschedule(Actor(alice), duration=120)
    assert written(session, START + HOUR) == [STARTED]
    assert written(session, START + 2 * HOUR) == [STARTED, ENDED]


def test_one_that_the_clock_ended_goes_on_if_it_is_made_longer(schedule, written, alice):
    session = schedule()
    assert written(session, START + HOUR) == [STARTED, ENDED]
    session.reschedule(Actor(alice), duration=120)
    assert written(session, START + 2 * HOUR) == [STARTED, ENDED, ENDED]


def test_one_that_is_made_so_short_that_it_is_over_is_ended(schedule, written, alice):
    session = schedule()
    written(session, START + 30 * MINUTE)
    session.reschedule(Actor(alice), duration=15)
    assert written(session, START + 31 * MINUTE) == [STARTED, ENDED]


def test_one_that_becomes_strict_is_ended(schedule, written, alice):
    session = schedule(strict=False)
    written(session, START)
    session.reschedule(Actor(alice), strict=True)
    assert written(session, START + HOUR) == [STARTED, ENDED]


@pytest.mark.parametrize("strict", [True, False])
def test_another_title_causes_no_event(schedule, written, alice, strict):
    session = schedule(strict=strict)
    before = written(session, START + 2 * HOUR)
    session.reschedule(Actor(alice), title="Limits")
    assert written(session, START + 3 * HOUR) == before


def test_one_that_is_scheduled_for_a_moment_ago_is_started_at_once(schedule, written):
    session = schedule(start_time=START - HOUR - MINUTE)
    assert written(session, START - HOUR) == [STARTED]


def test_one_that_is_scheduled_into_the_past_has_no_events_of_the_clock(schedule, written):
    assert written(schedule(start_time=START - 5 * HOUR), START) == []


def test_while_its_class_is_archived_a_session_has_no_events(schedule, written, algebra, alice):
    session = schedule(klass=algebra)
    algebra.archive(Actor(alice))
    assert written(session, START) == []
    algebra.unarchive(Actor(alice))
    assert written(session, START + HOUR) == [ENDED]


def test_updated_at_is_the_last_change_by_a_person(schedule, written):
    session = schedule()
    written(session, START)
    assert LiveSession.objects.get(pk=session.pk).updated_at == session.updated_at


def test_sessions_that_an_older_version_wrote_get_their_times(schedule, written, time_machine, alice):
    coming, live, is_open, over, ended = (
        schedule(),
        schedule(start_time=START - HOUR - MINUTE),
        schedule(start_time=START - HOUR - MINUTE, strict=False),
        schedule(start_time=START - 5 * HOUR),
        schedule().end(Actor(alice)),
    )
    LiveSession.objects.update(next_clock_event_at=None)
    find_clock_times({})
    times = dict(LiveSession.objects.values_list("pk", "next_clock_event_at"))
    assert times == {
        coming.pk: START,
        live.pk: START - MINUTE,
        is_open.pk: None,
        over.pk: None,
        ended.pk: None,
    }


def test_one_without_a_time_gets_it_in_the_week_before_its_start(schedule, time_machine):
    session = schedule(start_time=START + 10 * 24 * HOUR)
    LiveSession.objects.update(next_clock_event_at=None)
    for days, found in [(2, None), (4, session.start_time)]:
        time_machine.move_to(START + days * 24 * HOUR, tick=False)
        find_clock_times({})
        assert LiveSession.objects.get().next_clock_event_at == found


def test_one_without_a_time_that_is_moved_to_a_moment_ago_is_started_at_once(schedule, written, alice):
    session = schedule()
    LiveSession.objects.update(next_clock_event_at=None)
    session.reschedule(Actor(alice), start_time=START - HOUR - MINUTE)
    assert written(session, START) == [STARTED, ENDED]


def test_those_without_a_time_are_looked_for_in_the_order_of_their_start(db):
    with CaptureQueriesContext(connection) as queries:
        find_clock_times({})
    orders = [query["sql"].endswith('."start_time" ASC LIMIT 500') for query in queries]
    assert orders == [True, True]


def test_one_that_an_older_version_moved_is_started_at_its_new_time(schedule, written):
    session = schedule()
    LiveSession.objects.update(start_time=START + 2 * HOUR, end_time=START + 3 * HOUR)
    assert written(session, START + HOUR) == []
    assert written(session, START + 3 * HOUR) == [STARTED, ENDED]


def test_without_such_sessions_the_worker_only_reads(schedule):
    schedule()
    with CaptureQueriesContext(connection) as queries:
        assert write_clock_events() is False
    [query] = queries
    assert query["sql"].startswith("SELECT")
    assert query["sql"].endswith('ORDER BY "live_sessions_livesession"."next_clock_event_at" ASC LIMIT 1')


@pytest.mark.parametrize("count", [1, 20])
def test_all_sessions_that_start_together_take_one_transaction_of_three_statements(
    schedule, count, time_machine, django_assert_num_queries
):
    for _ in range(count):
        schedule()
    time_machine.move_to(START, tick=False)
    with django_assert_num_queries(1 + 3 + 2):  # is there one; select, update, record; and the savepoint
        write_clock_events()


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_each_event_once(schedule, time_machine, run_together):
    sessions = [schedule() for _ in range(5)]
    time_machine.move_to(START, tick=False)
    run_together([write_clock_events] * 3)
    assert [by_clock(session).count() for session in sessions] == [1] * 5
