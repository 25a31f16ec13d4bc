"""Concurrent requests for sessions: real threads, each with its own connection."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.models import Event
from tutorarc.testing.events import types_of

pytestmark = pytest.mark.django_db(transaction=True)

REPEATED = pytest.mark.parametrize("attempt", range(5))

TYPES = LiveSession.event_source.types


@pytest.fixture
def made(schedule):
    """A session that is not ended by time: these tests use the real clock."""
    return schedule(start_time=datetime(2100, 3, 20, 10, tzinfo=UTC))


@pytest.fixture
def together(run_together):
    """`together(call, …)`: makes all the calls at once and returns their statuses, in order."""

    def run_all(*calls):
        answers = run_together(calls)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return [answer.status_code for answer in answers]

    return run_all


@REPEATED
def test_only_one_of_concurrent_cancel_and_end_succeeds(attempt, together, api, alice, made):
    client = api(alice)
    statuses = together(
        lambda: client.post(f"/sessions/{made.pk}/cancel"), lambda: client.post(f"/sessions/{made.pk}/end")
    )
    winner = statuses.index(200)
    assert sorted(statuses) == [200, 409]
    assert client.get(f"/sessions/{made.pk}").json()["data"]["status"] == ["CANCELLED", "ENDED"][winner]
    assert types_of(made) == ["scheduled", ["cancelled", "ended"][winner]]


@pytest.mark.parametrize("verb", ["cancel", "end"])
def test_the_same_request_ten_times_at_once_is_done_once(together, api, alice, made, verb):
    client = api(alice)
    assert together(*[lambda: client.post(f"/sessions/{made.pk}/{verb}")] * 10) == [200] * 10
    assert types_of(made) == ["scheduled", TYPES[verb]]


@REPEATED
@pytest.mark.parametrize("verb", ["cancel", "end"])
def test_a_session_is_not_rescheduled_after_a_concurrent_end_or_cancel(attempt, together, api, alice, made, verb):
    client = api(alice)
    closed, moved = together(
        lambda: client.post(f"/sessions/{made.pk}/{verb}"),
        lambda: client.patch(f"/sessions/{made.pk}", {"title": "New"}),
    )
    assert (closed, moved) in ((200, 200), (200, 409))
    assert types_of(made) == ["scheduled", *(["rescheduled"] if moved == 200 else []), TYPES[verb]]


def test_two_concurrent_reschedules_both_succeed(together, api, alice, admin, made):
    teacher, administrator = api(alice), api(admin)
    statuses = together(
        lambda: teacher.patch(f"/sessions/{made.pk}", {"duration": 90}),
        lambda: administrator.patch(f"/sessions/{made.pk}", {"startTime": "2100-03-21T10:00:00Z"}),
    )
    made.refresh_from_db()
    assert statuses == [200, 200]
    # The end follows from both changes, whichever came last.
    assert made.end_time.isoformat() == "2100-03-21T11:30:00+00:00"


@REPEATED
@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_no_session_is_scheduled_after_a_concurrent_archive(attempt, together, api, alice, algebra, path):
    client = api(alice)
    archived, scheduled = together(
        lambda: client.post(f"/classes/{algebra.pk}/archive"),
        lambda: client.post(path, {**SESSION_BODY, "classId": algebra.pk}),
    )
    assert archived == 200
    assert scheduled in (200, 201, 409)
    assert LiveSession.objects.filter(klass=algebra).count() == (scheduled != 409)
    if scheduled != 409:
        assert _newest("session", algebra) <= _newest("class", algebra)


@REPEATED
def test_no_session_is_ended_after_a_concurrent_archive(attempt, together, api, alice, algebra, schedule):
    made, client = schedule(klass=algebra, strict=False), api(alice)
    archived, ended = together(
        lambda: client.post(f"/classes/{algebra.pk}/archive"), lambda: client.post(f"/sessions/{made.pk}/end")
    )
    assert (archived, ended) in ((200, 200), (200, 409))
    if ended == 200:
        assert _newest("session", algebra) <= _newest("class", algebra)


def _newest(kind, klass):
    return Event.objects.filter(class_id=klass.pk, type__startswith=f"{kind}.").latest("pk").created_at


def test_forty_concurrent_requests_create_forty_sessions(together, api, alice):
    client = api(alice)
    assert Counter(together(*[lambda: client.post("/classes", SESSION_BODY)] * 40)) == {200: 40}
    assert LiveSession.objects.count() == 40
