"""Every change of a session is recorded: actor, credential, time, type, and the values before and after."""

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from sessions.models import LiveSession
from sessions.tests.expected import END, SESSION_BODY, session
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.testing.events import events_of, types_of

HALF_PAST_NINE = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
HALF_PAST_TEN = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)


TYPES = LiveSession.event_source.types


class Record(NamedTuple):
    happened: str
    by: str | None  # None: the clock
    key: str | None
    at: datetime
    before: str
    after: str


def records(session_id):
    """What the events of a session tell, oldest first."""
    names = dict(User.objects.values_list("pk", "display_name"))
    return [
        Record(
            *(event.happened, names.get(event.actor_user_id), event.actor_key_id, event.created_at, event.from_status),
            event.data["status"],
        )
        for event in events_of(LiveSession(pk=session_id))
    ]


def key_of(user):
    return user.api_keys.get().pk


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_scheduling_is_recorded_with_the_key(half_past_nine, api, alice, path):
    session_id = api(alice).post(path, SESSION_BODY).json()["data"]["sessionId"]
    assert records(session_id) == [Record("scheduled", "Alice", key_of(alice), HALF_PAST_NINE, "", "SCHEDULED")]


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_scheduling_with_the_cookie_is_recorded_without_a_key(half_past_nine, signed_in, alice, path):
    session_id = signed_in(alice).post(path, SESSION_BODY).json()["data"]["sessionId"]
    assert records(session_id) == [Record("scheduled", "Alice", None, HALF_PAST_NINE, "", "SCHEDULED")]


def test_a_record_contains_what_was_scheduled(half_past_nine, algebra, schedule):
    made = schedule(klass=algebra)
    [event] = events_of(made)
    assert (event.class_id, event.session_id, event.user_id) == (algebra.pk, made.pk, None)
    assert event.data == session(made, classId=algebra.pk)
    assert event.changes == {
        "status": [None, "SCHEDULED"],
        "title": [None, "Introduction to Calculus"],
        "startTime": [None, "2026-03-20T10:00:00Z"],
        "duration": [None, 60],
        "strict": [None, True],
        "teacherId": [None, "teacher_123"],
    }


@pytest.mark.parametrize(
    ("verb", "at", "before", "after"),
    [
        ("cancel", HALF_PAST_NINE, "SCHEDULED", "CANCELLED"),
        ("end", HALF_PAST_NINE, "SCHEDULED", "ENDED"),
        ("end", HALF_PAST_TEN, "LIVE", "ENDED"),
    ],
)
def test_a_transition_is_recorded_with_its_actor_and_its_source(
    half_past_nine, time_machine, api, admin, schedule, verb, at, before, after
):
    made, client = schedule(), api(admin)
    time_machine.move_to(at, tick=False)
    client.post(f"/sessions/{made.pk}/{verb}")
    started = [Record("started", None, None, at, "SCHEDULED", "LIVE")] if before == "LIVE" else []
    assert records(made.pk)[1:] == [*started, Record(TYPES[verb], "Admin", key_of(admin), at, before, after)]


@pytest.mark.parametrize(("at", "before"), [(HALF_PAST_NINE, "SCHEDULED"), (HALF_PAST_TEN, "LIVE")])
def test_rescheduling_is_recorded_with_the_new_values(half_past_nine, time_machine, api, alice, schedule, at, before):
    made, client = schedule(), api(alice)
    time_machine.move_to(at, tick=False)
    client.patch(f"/sessions/{made.pk}", {"title": "New", "duration": 90})
    assert records(made.pk)[1:] == [Record("rescheduled", "Alice", key_of(alice), at, before, before)]
    assert events_of(made)[-1].changes == {"title": ["Introduction to Calculus", "New"], "duration": [60, 90]}


@pytest.mark.parametrize("verb", ["cancel", "end"])
def test_repeating_a_transition_records_nothing(half_past_nine, api, alice, schedule, verb):
    made, client = schedule(), api(alice)
    for _ in range(2):
        client.post(f"/sessions/{made.pk}/{verb}")
    assert types_of(made) == ["scheduled", TYPES[verb]]


@pytest.mark.parametrize(("first", "then"), [("cancel", "end"), ("end", "cancel")])
def test_a_refused_transition_records_nothing(half_past_nine, api, alice, schedule, first, then):
    made, client = schedule(), api(alice)
    assert [client.post(f"/sessions/{made.pk}/{verb}").status_code for verb in (first, then)] == [200, 409]
    assert types_of(made) == ["scheduled", TYPES[first]]


def test_a_write_refused_for_an_archived_class_records_nothing(half_past_nine, api, alice, algebra, schedule):
    made, client = schedule(klass=algebra), api(alice)
    algebra.archive(Actor(alice))
    client.patch(f"/sessions/{made.pk}", {"title": "New"})
    client.post(f"/sessions/{made.pk}/end")
    assert types_of(made) == ["scheduled"]


def test_a_session_that_ends_by_time_leaves_no_record(half_past_nine, api, alice, schedule, time_machine):
    made, client = schedule(), api(alice)
    time_machine.move_to(END, tick=False)
    assert client.get(f"/sessions/{made.pk}").json()["data"]["status"] == "ENDED"
    assert types_of(made) == ["scheduled"]
