"""Concurrent changes to a series: real threads, each with its own connection.

| at once | outcomes |
| --- | --- |
| two moves of all | both succeed; all sessions have the start of the later one |
| a move of all, and of the following | both succeed; the following ones are together, those before too |
| a cancellation of the following, a move of one of them | the moved one stays; or it is cancelled, and not moved |
| a change of all, a cancellation of one | both succeed; the cancelled one has the change or not |
| two cancellations of the following | both succeed; each session is cancelled once |
"""

import pytest

from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.models import Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("attempt", range(3))]

BODY = SESSION_BODY | {"recurrence": "FREQ=WEEKLY;COUNT=6", "timeZone": "Europe/Berlin"}
BODY |= {"startTime": "2100-03-02T09:00:00Z", "title": "Old"}  # the end of March has a change of clocks


@pytest.fixture(params=["class", "no class"])
def made(request, api, alice, algebra):
    of_class = {"classId": algebra.pk} if request.param == "class" else {}
    sessions = api(alice).post("/sessions", BODY | of_class).json()["data"]["sessions"]
    return [one["sessionId"] for one in sessions]


@pytest.fixture
def together(run_together, api, alice):
    """`together(("patch", path, body), …)`: makes the calls at once and returns their statuses, in order."""
    client = api(alice)

    def run(*calls):
        answers = run_together([lambda call=call: getattr(client, call[0])(*call[1:]) for call in calls])
        return [getattr(answer, "status_code", answer) for answer in answers]

    return run


def patch(session_id, **body):
    return "patch", f"/sessions/{session_id}", body


def cancel(session_id, **body):
    return "post", f"/sessions/{session_id}/cancel", body


def rows(made):
    found = LiveSession.objects.in_bulk(made)
    return [found[session_id] for session_id in made]


def local_hours(made):
    return [one.start_time.astimezone(one.series.zone).hour for one in rows(made)]


def test_two_moves_of_all_leave_one_start(attempt, together, made):
    assert together(
        patch(made[0], startTime="2100-03-02T11:00:00Z", scope="all"),
        patch(made[0], startTime="2100-03-02T13:00:00Z", scope="all"),
    ) == [200, 200]
    assert local_hours(made) in ([12] * 6, [14] * 6)


def test_a_move_of_all_and_of_the_following(attempt, together, made):
    assert together(
        patch(made[0], startTime="2100-03-02T11:00:00Z", scope="all"),  # two hours later
        patch(made[3], startTime="2100-03-23T08:00:00Z", scope="following"),  # at 9
    ) == [200, 200]
    assert local_hours(made) in ([12, 12, 12, 9, 9, 9], [12, 12, 12, 11, 11, 11])


def test_what_is_moved_while_the_following_are_cancelled_stays_or_is_not_moved(attempt, together, made):
    cancelled, moved = together(cancel(made[1], scope="following"), patch(made[3], startTime="2100-03-24T15:00:00Z"))
    statuses = [one.status for one in rows(made)]
    of_moved = {200: "SCHEDULED", 409: "CANCELLED"}[moved]
    assert (cancelled, statuses) == (200, ["SCHEDULED", "CANCELLED", "CANCELLED", of_moved, "CANCELLED", "CANCELLED"])
    assert rows(made)[3].start_time.hour == {200: 15, 409: 9}[moved]


def test_one_is_cancelled_while_all_are_changed(attempt, together, made):
    assert together(patch(made[1], title="New", scope="all"), cancel(made[4])) == [200, 200]
    assert [one.title for one in rows(made)] in (["New"] * 6, [*["New"] * 4, "Old", "New"])
    assert [one.status for one in rows(made)] == [*["SCHEDULED"] * 4, "CANCELLED", "SCHEDULED"]


def test_each_is_cancelled_once(attempt, together, made):
    assert together(cancel(made[0], scope="following"), cancel(made[2], scope="following")) == [200, 200]
    assert Event.objects.filter(type="session.cancelled").count() == 6
