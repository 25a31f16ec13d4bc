"""The security log's rows, lines and signal."""

import json
import logging
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apikeys.models import ApiKey
from tutorarc.domain import caller
from tutorarc.domain.caller import Caller
from tutorarc.domain.direct_writes import DirectWriteError
from tutorarc.domain.events import Actor
from tutorarc.http.json_logs import JsonFormatter
from tutorarc.models import SecurityEvent, SecurityEventKind, security_event
from tutorarc.models.signals import security_event_recorded

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
FAILED, OUT = SecurityEventKind.SIGN_IN_FAILED, SecurityEventKind.SIGN_OUT
record, record_counted = SecurityEvent.objects.record, SecurityEvent.objects.record_counted


@pytest.fixture
def sent_by():
    """`sent_by(address)`: as if a request came from there."""
    before = caller.current.get()
    yield lambda address: caller.current.set(Caller(address, FIREFOX, "req_1"))
    caller.current.set(before)


@pytest.fixture
def lines(caplog):
    """`lines()`: the context of each line of the security log."""
    caplog.set_level(logging.INFO, logger="tutorarc.security")

    def collect():
        records = [record for record in caplog.records if record.name == "tutorarc.security"]
        return [json.loads(JsonFormatter().format(record)) for record in records]

    return collect


@pytest.fixture
def received():
    """The events of which the signal was sent."""
    events = []

    def receive(sender, event, **_):
        events.append(event)

    security_event_recorded.connect(receive)
    yield events
    security_event_recorded.disconnect(receive)


def rows():
    found = SecurityEvent.objects.exclude(kind="rights.given")  # without the roles of new people
    return sorted(found.values_list("user", "address", "times"), key=str)


def test_an_event_is_a_row_with_the_caller(sent_by, alice, root):
    sent_by("203.0.113.7")
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    event = record(SecurityEventKind.RIGHTS_GIVEN, user=alice, by=Actor(root, key), given=["staff"], via="form")
    row = SecurityEvent.objects.filter(pk=event.pk).values().get()
    assert row.pop("created_at") == event.created_at
    assert row == {
        "id": event.pk,
        "kind": "rights.given",
        "user_id": alice.pk,
        "actor_id": root.pk,
        "credential": key.pk,
        "address": "203.0.113.7",
        "browser": "Firefox 128 on Linux",
        "request_id": "req_1",
        "details": {"given": ["staff"], "via": "form"},
        "times": 1,
        "last_at": None,
    }


def test_it_costs_one_statement(alice, django_assert_num_queries):
    with django_assert_num_queries(1):
        record(OUT, user=alice)


def test_events_of_many_people_cost_one_statement(alice, bob, django_assert_num_queries):
    about = [(alice, {"given": ["role TEACHER"]}), (bob, {"given": ["role ADMIN"]})]
    with django_assert_num_queries(1):
        SecurityEvent.objects.record_each(SecurityEventKind.RIGHTS_GIVEN, about, Actor())
    found = SecurityEvent.objects.filter(kind="rights.given", details__via__isnull=True)
    assert sorted(found.values_list("user", "details")) == sorted((user.pk, details) for user, details in about)


def test_a_command_has_no_caller(sent_by, alice):
    caller.current.set(caller.NO_CALLER)
    event = record(OUT, user=alice)
    assert (event.address, event.browser, event.request_id) == ("", "", "")


def test_the_signal_is_sent_at_once_and_after_the_commit_it_is_logged(
    alice, sent_by, lines, received, django_capture_on_commit_callbacks
):
    sent_by("203.0.113.7")
    with django_capture_on_commit_callbacks(execute=True):
        event = record(SecurityEventKind.EXPORT, by=Actor(alice), records="people", rows=3)
        assert (lines(), received) == ([], [event])
    [line] = lines()
    del line["time"]
    assert line == {
        "level": "INFO",
        "logger": "tutorarc.security",
        "message": "security event",
        "request_id": line["request_id"],
        "event": "export",
        "user": None,
        "actor": alice.pk,
        "key": None,
        "address": "203.0.113.7",
        "browser": "Firefox 128 on Linux",
        "details": {"records": "people", "rows": 3},
    }


@pytest.mark.django_db(transaction=True)
def test_an_event_that_is_rolled_back_leaves_nothing(alice, lines):
    with transaction.atomic():
        record(OUT, user=alice)
        transaction.set_rollback(True)
    assert (rows(), lines()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_what_a_receiver_can_not_write_undoes_the_event(alice):
    """For example a mail to its owner, which must not get lost."""

    def fail(**_):
        raise RuntimeError("no queue")

    security_event_recorded.connect(fail)
    with pytest.raises(RuntimeError):
        record(OUT, user=alice)
    security_event_recorded.disconnect(fail)
    assert rows() == []


def test_unknown_details_are_refused(alice):
    with pytest.raises(TypeError) as refused:
        record(SecurityEventKind.PASSWORD_CHANGED, user=alice, password="plum-harbour-91")
    assert str(refused.value) == "Security events have no details ['password']: see DETAILS."
    assert rows() == []


def test_long_details_are_cut_and_none_is_left_out(alice):
    event = record(OUT, page="x" * 300, given=["y" * 300] * 60, rows=7, complete=False, reason=None)
    assert event.details == {"page": "x" * 200, "given": ["y" * 200] * 50, "rows": 7, "complete": False}


def test_rows_cannot_be_changed(alice):
    event = record(OUT, user=alice)
    event.kind = FAILED
    with pytest.raises(DirectWriteError):
        event.save()


def test_the_same_person_and_address_are_counted_in_one_row(alice, bob, sent_by):
    for address, user in [("203.0.113.1", alice)] * 3 + [("203.0.113.2", alice), ("203.0.113.1", bob)]:
        sent_by(address)
        record_counted(FAILED, user=user)
    record_counted(FAILED)
    expected = [(alice.pk, "203.0.113.1", 3), (alice.pk, "203.0.113.2", 1), (bob.pk, "203.0.113.1", 1)]
    assert rows() == sorted([*expected, (None, "203.0.113.1", 1)], key=str)


def test_the_last_time_is_noted_and_after_an_hour_there_is_another_row(alice, monkeypatch):
    first = record_counted(FAILED, user=alice)
    before = timezone.now()
    record_counted(FAILED, user=alice)
    assert before <= SecurityEvent.objects.get(kind=FAILED).last_at <= timezone.now()
    monkeypatch.setattr(security_event, "COUNTED_TOGETHER", timedelta(seconds=-1))  # the row is too old
    second = record_counted(FAILED, user=alice)
    found = SecurityEvent.objects.filter(kind=FAILED).values_list("pk", "times")
    assert dict(found) == {first.pk: 2, second.pk: 1}


def test_too_many_rows_of_a_kind_are_one_row_without_person_and_address(alice, sent_by, monkeypatch, lines):
    monkeypatch.setattr(security_event, "MAX_ROWS_AN_HOUR", 2)
    record(OUT, user=alice)  # of another kind
    for number in range(5):
        sent_by(f"203.0.113.{number}")
        record_counted(FAILED, user=alice)
    failures = SecurityEvent.objects.filter(kind=FAILED).values_list("address", "user", "times")
    assert sorted(failures) == [("", None, 3), ("203.0.113.0", alice.pk, 1), ("203.0.113.1", alice.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_each_counted_event_is_logged(alice, sent_by, lines):
    sent_by("203.0.113.7")
    for _ in range(3):
        record_counted(FAILED, user=alice)
    assert [(line["event"], line["user"]) for line in lines()] == [("sign_in.failed", alice.pk)] * 3


def test_counting_always_costs_three_statements(alice, sent_by):
    """Otherwise the time of a failed sign-in would show which addresses have an account."""
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            record_counted(FAILED, user=alice)
        counts.append(len(queries))
    assert counts == [3, 3]
