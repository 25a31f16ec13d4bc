"""Positions of events: given after the commit, in order, once, by one transaction at a time."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tutorarc.domain.events import SYSTEM, record
from tutorarc.models import Event
from tutorarc.models import event as event_module
from tutorarc.models.event import number_events


def write(count=1, **fields):
    """So many events as a verb writes them."""
    events = [
        Event(type="class.updated", created_at=timezone.now(), object_id=uuid.uuid4(), **fields) for _ in range(count)
    ]
    return [event.pk for event in Event.objects.bulk_create(events)]


def numbered():
    return list(Event.objects.numbered().values_list("pk", "position"))


def test_events_are_numbered_in_the_order_of_their_ids(db):
    first, second = write(2)
    assert (number_events(), numbered()) == (2, [(first, 1), (second, 2)])
    [third] = write()
    assert (number_events(), numbered()[2:]) == (1, [(third, 3)])


def test_numbering_goes_on_until_every_event_has_a_position(db, monkeypatch):
    monkeypatch.setattr("tutorarc.models.event.NUMBERED_TOGETHER", 2)
    write(5)
    assert (number_events(), [position for _, position in numbered()]) == (5, [1, 2, 3, 4, 5])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="is about the statistics of PostgreSQL")
def test_numbering_takes_no_longer_while_statistics_say_that_there_are_no_events(db):
    """As after a burst. With a join, PostgreSQL would read all new events once for each of them."""
    write(3_000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone() != (True,):
            pytest.skip("only a superuser can write statistics")
        cursor.execute("UPDATE pg_class SET reltuples = 0, relpages = 200 WHERE relname = 'tutorarc_event'")
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    assert number_events() == 3_000


def test_numbering_does_not_wait_for_what_is_written_meanwhile(db, monkeypatch):
    number_some = event_module._number_some
    monkeypatch.setattr(event_module, "_number_some", lambda: (number_some(), write())[0])
    write(2)
    assert number_events() == 2


def test_a_long_backlog_is_numbered_in_several_calls(db, monkeypatch):
    monkeypatch.setattr(event_module, "NUMBERED_TOGETHER", 1)
    written = write(3)
    assert [number_events(rounds=2), number_events(rounds=2), number_events()] == [2, 1, 0]
    assert numbered() == list(zip(written, [1, 2, 3], strict=True))


def test_without_new_events_numbering_is_one_statement(db, django_assert_num_queries):
    write()
    number_events()
    with django_assert_num_queries(1):
        assert number_events() == 0


def test_numbering_fills_the_creators_of_class_and_session(algebra, alice, dora, schedule):
    session = schedule(by=dora)
    [of_class], [of_session], [of_neither] = (
        write(class_id=algebra.pk),
        write(session_id=session.pk),
        write(),
    )
    number_events()
    owners = {pk: owners for pk, *owners in Event.objects.values_list("pk", "class_owner_id", "session_owner_id")}
    assert [owners[pk] for pk in (of_class, of_session, of_neither)] == [
        [alice.pk, None],
        [None, dora.pk],
        [None, None],
    ]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="on PostgreSQL positions are given after the commit")
def test_on_sqlite_a_verb_gives_its_events_their_positions_and_creators(algebra, schedule, alice, dora):
    last = Event.objects.numbered().last().position
    session = schedule(klass=algebra, by=dora)
    record([algebra, algebra], SYSTEM, verb="edit")
    new = Event.objects.filter(position__gt=last).order_by("position")
    assert list(new.values_list("type", "position", "class_owner_id", "session_owner_id")) == [
        ("session.scheduled", last + 1, alice.pk, session.created_by_id),
        ("class.updated", last + 2, alice.pk, None),
        ("class.updated", last + 3, alice.pk, None),
    ]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no lock for all writers")
@pytest.mark.django_db(transaction=True)
def test_on_sqlite_a_reader_of_events_does_not_wait_for_a_writer(run_together, algebra, alice, api):
    is_writing, is_read, client = threading.Event(), threading.Event(), api(alice)

    def writer():
        with transaction.atomic():
            record([algebra], SYSTEM, verb="edit")
            is_writing.set()
            return is_read.wait(10)

    def reader():
        is_writing.wait(10)
        answer = client.get("/events")
        is_read.set()
        return answer.status_code, [event["type"] for event in answer.json()["results"]]

    assert run_together([writer, reader]) == [True, (200, ["class.created", "membership.enrolled"])]


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time: no commit is late")
@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_committed_late_gets_a_later_position(run_together):
    """Although its id is the lower one."""
    is_written, may_commit = threading.Event(), threading.Event()
    late = []

    def slow():
        with transaction.atomic():
            late.extend(write())
            is_written.set()
            may_commit.wait(10)

    def quick():
        is_written.wait(10)
        try:
            seen = number_events(), write(), number_events(), numbered()
        finally:
            may_commit.set()
        return seen

    _, seen = run_together([slow, quick])
    number_events()
    [early] = seen[1]
    assert (seen[0], seen[3], numbered()) == (0, [(early, 1)], [(early, 1), (late[0], 2)])


@pytest.mark.django_db(transaction=True)
def test_several_processes_number_each_event_once(run_together):
    write(50)
    assert sum(run_together([number_events] * 4)) == 50
    assert [position for _, position in numbered()] == list(range(1, 51))


def test_a_verb_touches_two_indexes_the_key_and_that_of_events_without_position():
    [unique], indexes = Event._meta.constraints, Event._meta.indexes
    is_numbered = Q(position__isnull=False)
    assert unique.condition == is_numbered
    of_all = [index.name for index in indexes if is_numbered.children[0] not in index.condition.children]
    assert of_all == ["events_without_position"]
    assert [field.name for field in Event._meta.fields if field.db_index or field.unique] == ["id"]
