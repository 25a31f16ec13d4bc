"""Every change of a session is recorded: actor, credential, time, verb, and the values before and after."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from sessions.models import LiveSession
from sessions.tests.expected import END, SESSION_BODY, START
from tutorarc.domain.history import Actor

HALF_PAST_NINE = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
HALF_PAST_TEN = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)


class Record(NamedTuple):
    verb: str
    by: str
    key: str | None
    at: datetime
    before: str
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None


def records(session_id):
    """The records of a session, oldest first."""
    return [
        Record(
            record.history_change_reason,
            record.history_user.display_name,
            record.history_credential,
            record.history_date,
            record.from_status,
            record.ended_at,
            record.cancelled_at,
        )
        for record in LiveSession.history.filter(id=session_id).order_by("history_id")
    ]


def key_of(user):
    return user.api_keys.get().pk


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_scheduling_is_recorded_with_the_key(half_past_nine, api, alice, path):
    session_id = api(alice).post(path, SESSION_BODY).json()["data"]["sessionId"]
    assert records(session_id) == [Record("schedule", "Alice", key_of(alice), HALF_PAST_NINE, "")]


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_scheduling_with_the_cookie_is_recorded_without_a_key(half_past_nine, signed_in, alice, path):
    session_id = signed_in(alice).post(path, SESSION_BODY).json()["data"]["sessionId"]
    assert records(session_id) == [Record("schedule", "Alice", None, HALF_PAST_NINE, "")]


def test_a_record_contains_what_was_scheduled(half_past_nine, algebra, schedule):
    made = schedule(klass=algebra)
    record = LiveSession.history.get(id=made.pk)
    kept = (record.title, record.start_time, record.end_time, record.duration, record.strict, record.teacher_ref)
    assert kept == ("Introduction to Calculus", START, END, 60, True, "teacher_123")
    assert (record.klass_id, record.created_by_id) == (algebra.pk, made.created_by_id)


@pytest.mark.parametrize(
    ("verb", "at", "before", "closed"),
    [
        ("cancel", HALF_PAST_NINE, "SCHEDULED", {"cancelled_at": HALF_PAST_NINE}),
        ("end", HALF_PAST_NINE, "SCHEDULED", {"ended_at": HALF_PAST_NINE}),
        ("end", HALF_PAST_TEN, "LIVE", {"ended_at": HALF_PAST_TEN}),
    ],
)
def test_a_transition_is_recorded_with_its_actor_and_its_source(
    half_past_nine, time_machine, api, admin, schedule, verb, at, before, closed
):
    made, client = schedule(), api(admin)
    time_machine.move_to(at, tick=False)
    client.post(f"/sessions/{made.pk}/{verb}")
    assert records(made.pk)[1:] == [Record(verb, "Admin", key_of(admin), at, before, **closed)]


@pytest.mark.parametrize(("at", "before"), [(HALF_PAST_NINE, "SCHEDULED"), (HALF_PAST_TEN, "LIVE")])
def test_rescheduling_is_recorded_with_the_new_values(half_past_nine, time_machine, api, alice, schedule, at, before):
    made, client = schedule(), api(alice)
    time_machine.move_to(at, tick=False)
    client.patch(f"/sessions/{made.pk}", {"title": "New", "duration": 90})
    assert records(made.pk)[1:] == [Record("reschedule", "Alice", key_of(alice), at, before)]
    titles = LiveSession.history.filter(id=made.pk).order_by("history_id").values_list("title", "duration")
    assert list(titles) == [("Introduction to Calculus", 60), ("New", 90)]


@pytest.mark.parametrize("verb", ["cancel", "end"])
def test_repeating_a_transition_records_nothing(half_past_nine, api, alice, schedule, verb):
    made, client = schedule(), api(alice)
    for _ in range(2):
        client.post(f"/sessions/{made.pk}/{verb}")
    assert [record.verb for record in records(made.pk)] == ["schedule", verb]


@pytest.mark.parametrize(("first", "then"), [("cancel", "end"), ("end", "cancel")])
def test_a_refused_transition_records_nothing(half_past_nine, api, alice, schedule, first, then):
    made, client = schedule(), api(alice)
    assert [client.post(f"/sessions/{made.pk}/{verb}").status_code for verb in (first, then)] == [200, 409]
    assert [record.verb for record in records(made.pk)] == ["schedule", first]


def test_a_write_refused_for_an_archived_class_records_nothing(half_past_nine, api, alice, algebra, schedule):
    made, client = schedule(klass=algebra), api(alice)
    algebra.archive(Actor(alice))
    client.patch(f"/sessions/{made.pk}", {"title": "New"})
    client.post(f"/sessions/{made.pk}/end")
    assert [record.verb for record in records(made.pk)] == ["schedule"]


def test_a_session_that_ends_by_time_leaves_no_record(half_past_nine, api, alice, schedule, time_machine):
    made, client = schedule(), api(alice)
    time_machine.move_to(END, tick=False)
    assert client.get(f"/sessions/{made.pk}").json()["data"]["status"] == "ENDED"
    assert [record.verb for record in records(made.pk)] == ["schedule"]
