"""`PATCH` and `cancel` with a `scope`: changes to several sessions of a series."""

from datetime import UTC, datetime, timedelta

import pytest

from members.tests.expected import ARCHIVED
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import conflict, invalid, verdict

# Four Fridays at 10:00 in Berlin; clocks go forward on 29 March 2026
BODY = SESSION_BODY | {
    "startTime": "2026-03-20T09:00:00Z",
    "recurrence": "FREQ=WEEKLY;COUNT=4",
    "timeZone": "Europe/Berlin",
}
STARTS = ["03-20T09", "03-27T09", "04-03T08", "04-10T08"]


@pytest.fixture
def teacher(half_past_nine, time_machine, api, alice):
    time_machine.move_to("2026-03-14T09:30:00+00:00", tick=False)
    return api(alice)


@pytest.fixture
def make(teacher):
    """The sessions of a new series, in the order of their starts."""

    def series(**fields):
        made = teacher.post("/sessions", BODY | fields).json()["data"]["sessions"]
        return [LiveSession.objects.get(pk=one["sessionId"]) for one in made]

    return series


@pytest.fixture
def made(make):
    return make()


def starts(made):
    by_id = dict(LiveSession.objects.values_list("pk", "start_time"))
    return [f"{by_id[one.pk]:%m-%dT%H}" for one in made]


def titles(made):
    by_id = dict(LiveSession.objects.values_list("pk", "title"))
    return [by_id[one.pk] for one in made]


def statuses(made):
    return [LiveSession.objects.get(pk=one.pk).status for one in made]


def path(session):
    return f"/sessions/{session.pk}"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({}, ["Old", "New", "Old", "Old"]),
        ({"scope": "this"}, ["Old", "New", "Old", "Old"]),
        ({"scope": "following"}, ["Old", "New", "New", "New"]),
        ({"scope": "all"}, ["New", "New", "New", "New"]),
    ],
)
def test_a_scope_says_which_sessions_change(teacher, make, scope, expected):
    made = make(title="Old")
    response = teacher.patch(path(made[1]), {"title": "New", "duration": 90, "strict": False, **scope})
    shown = response.json()["data"]
    assert (response.status_code, shown["sessionId"], shown["title"]) == (200, made[1].pk, "New")
    assert titles(made) == expected
    new = LiveSession.objects.filter(title="New")
    for one in new:
        assert (one.folded_title, one.duration, one.strict) == ("new", 90, False)
        assert one.end_time == one.start_time + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("following", ["03-20T09", "03-28T14", "04-04T13", "04-11T13"]),
        ("all", ["03-21T14", "03-28T14", "04-04T13", "04-11T13"]),
    ],
)
def test_with_another_start_each_moves_by_as_much_in_local_time(teacher, made, scope, expected):
    response = teacher.patch(path(made[1]), {"startTime": "2026-03-28T14:00:00Z", "scope": scope})
    assert (response.status_code, starts(made)) == (200, expected)
    for one in LiveSession.objects.all():
        assert (one.end_time, one.next_clock_event_at) == (one.start_time + timedelta(hours=1), one.start_time)
        assert not one.is_moved_by_hand


def test_the_local_time_holds_also_where_this_session_moves_over_a_change_of_clocks(teacher, made):
    teacher.patch(path(made[1]), {"startTime": "2026-03-30T08:00:00Z", "scope": "all"})  # a Monday at 10 again
    assert starts(made) == ["03-23T09", "03-30T08", "04-06T08", "04-13T08"]


def test_a_start_in_the_second_of_two_equal_hours_stays_in_it(teacher, make):
    made = make(startTime="2026-10-25T01:30:00Z", recurrence="FREQ=WEEKLY;COUNT=2")  # 2:30, an hour after 2:30
    teacher.patch(path(made[1]), {"startTime": "2026-11-01T01:30:00Z", "title": "New", "scope": "all"})
    assert (starts(made), titles(made)) == (["10-25T01", "11-01T01"], ["New", "New"])


def test_what_was_moved_by_hand_stays(teacher, made):
    teacher.patch(path(made[2]), {"startTime": "2026-04-04T15:00:00Z"})
    teacher.patch(path(made[3]), {"title": "Test"})  # this moves nothing
    for scope, hour in (("following", 10), ("all", 11)):
        teacher.patch(path(made[1]), {"startTime": f"2026-03-27T{hour}:00:00Z", "title": "New", "scope": scope})
    assert starts(made) == ["03-20T10", "03-27T11", "04-04T15", "04-10T10"]
    assert titles(made) == ["New", "New", SESSION_BODY["title"], "New"]
    teacher.post(f"{path(made[0])}/cancel", {"scope": "all"})
    assert statuses(made) == ["CANCELLED", "CANCELLED", "SCHEDULED", "CANCELLED"]


def test_a_session_moved_by_hand_is_changed_when_it_is_this_one(teacher, made):
    teacher.patch(path(made[1]), {"startTime": "2026-03-28T15:00:00Z"})
    teacher.patch(path(made[1]), {"startTime": "2026-03-28T16:00:00Z", "scope": "following"})
    assert starts(made) == ["03-20T09", "03-28T16", "04-03T09", "04-10T09"]
    assert LiveSession.objects.get(pk=made[1].pk).is_moved_by_hand


def test_what_has_begun_or_is_cancelled_stays(teacher, made, time_machine, alice):
    made[2].cancel(Actor(alice))
    time_machine.move_to(made[1].start_time, tick=False)
    assert teacher.patch(path(made[1]), {"title": "New", "scope": "all"}).status_code == 200
    assert titles(made) == [SESSION_BODY["title"]] * 3 + ["New"]
    assert teacher.patch(path(made[1]), {"title": "Newer", "scope": "following"}).status_code == 200
    assert titles(made) == [SESSION_BODY["title"], "Newer", SESSION_BODY["title"], "Newer"]


@pytest.mark.parametrize(("scope", "count"), [("following", 2), ("all", 4)])
def test_each_change_is_an_event(teacher, made, scope, count):
    teacher.patch(path(made[2]), {"startTime": "2026-04-03T09:00:00Z", "scope": scope})
    events = Event.objects.filter(type="session.rescheduled").order_by("data__startTime")
    assert len(events) == count
    assert events[count - 1].changes == {"startTime": ["2026-04-10T08:00:00Z", "2026-04-10T09:00:00Z"]}
    assert events[count - 1].data["startTime"] == "2026-04-10T09:00:00Z"


def test_calendars_must_take_over_each_change(teacher, made):
    teacher.patch(path(made[1]), {"title": "New", "scope": "following"})
    teacher.post(f"{path(made[2])}/cancel", {"scope": "following"})
    sequences = dict(LiveSession.objects.values_list("pk", "calendar_sequence"))
    assert [sequences[one.pk] for one in made] == [0, 1, 2, 2]


def test_what_stays_as_it_is_has_no_event(teacher, made):
    teacher.patch(path(made[0]), {"title": "New"})
    teacher.patch(path(made[0]), {"title": "New", "duration": 60, "scope": "all"})
    changed = Event.objects.filter(type="session.rescheduled").values_list("session_id", flat=True)
    assert sorted(changed) == sorted(one.pk for one in made)
    made[0].refresh_from_db()
    assert not made[0].is_moved_by_hand


def test_cancelling_tells_each_with_the_message(teacher, made):
    response = teacher.post(f"{path(made[2])}/cancel", {"message": "Holidays", "scope": "following"})
    assert (response.status_code, response.json()["data"]["status"]) == (200, "CANCELLED")
    assert statuses(made) == ["SCHEDULED", "SCHEDULED", "CANCELLED", "CANCELLED"]
    told = Event.objects.filter(type="session.cancelled").values_list("session_id", "changes")
    changes = {"status": ["SCHEDULED", "CANCELLED"], "message": ["", "Holidays"]}
    assert dict(told) == {one.pk: changes for one in made[2:]}
    assert set(LiveSession.objects.values_list("next_clock_event_at", flat=True)) == {
        None, made[0].start_time, made[1].start_time,
    }  # fmt: skip


def test_cancelling_again_goes_on_with_those_that_are_left(teacher, made):
    teacher.post(f"{path(made[1])}/cancel", {"message": "Ill"})
    assert teacher.post(f"{path(made[1])}/cancel", {"message": "Over", "scope": "following"}).status_code == 200
    assert statuses(made) == ["SCHEDULED", "CANCELLED", "CANCELLED", "CANCELLED"]
    assert [LiveSession.objects.get(pk=one.pk).cancel_message for one in made] == ["", "Ill", "Over", "Over"]


@pytest.mark.parametrize("scope", ["following", "all"])
def test_this_session_is_refused_as_without_a_scope(teacher, alice, made, time_machine, scope):
    made[0].cancel(Actor(alice))
    made[1].end(Actor(alice))
    for one, reason in ((made[0], "session_cancelled"), (made[1], "session_over")):
        assert verdict(teacher.patch(path(one), {"title": "New", "scope": scope})) == conflict(reason)
    assert verdict(teacher.post(f"{path(made[1])}/cancel", {"scope": scope})) == conflict("session_over")
    time_machine.move_to(made[2].start_time, tick=False)
    assert verdict(teacher.post(f"{path(made[2])}/cancel", {"scope": scope})) == conflict("session_begun")
    assert titles(made) == [SESSION_BODY["title"]] * 4


def test_a_series_without_sessions_to_come_is_over(teacher, made, time_machine):
    time_machine.move_to(made[3].start_time, tick=False)
    response = teacher.patch(path(made[3]), {"title": "New", "scope": "all"})
    assert verdict(response) == conflict("series_over")


def test_a_local_time_that_clocks_skip_is_refused_and_changes_nothing(teacher, make):
    made = make(startTime="2026-03-22T09:00:00Z")  # Sundays
    response = teacher.patch(path(made[0]), {"startTime": "2026-03-22T01:30:00Z", "title": "New", "scope": "all"})
    assert verdict(response) == (400, "skipped_local_time", [("startTime", "skipped_local_time")])
    assert "2026-03-29" in response.json()["error"]["message"]
    assert titles(made) == [SESSION_BODY["title"]] * 4


@pytest.mark.parametrize(("number", "start"), [(0, "9999-12-31T12:00:00Z"), (3, "0001-01-01T00:00:00Z")])
def test_a_session_after_the_year_9999_or_before_the_year_1_is_refused(teacher, made, number, start):
    response = teacher.patch(path(made[number]), {"startTime": start, "scope": "all"})
    assert verdict(response) == (400, "ends_too_late", [("startTime", "too_late")])
    assert starts(made) == STARTS


@pytest.mark.parametrize("call", ["patch", "cancel"])
@pytest.mark.parametrize(
    ("scope", "expected"), [("following", "not_in_a_series"), ("all", "not_in_a_series"), ("this", "")]
)
def test_a_session_without_a_series_has_only_itself(teacher, schedule, call, scope, expected):
    one = path(schedule())
    response = teacher.patch(one, {"title": "New", "scope": scope}) if call == "patch" else teacher.post(
        f"{one}/cancel", {"scope": scope}
    )  # fmt: skip
    if expected:
        assert verdict(response) == conflict(expected)
    else:
        assert response.status_code == 200


def test_a_wrong_scope_is_refused(teacher, made):
    for response in (
        teacher.patch(path(made[0]), {"scope": "everything"}),
        teacher.post(f"{path(made[0])}/cancel", {"scope": "everything"}),
    ):
        assert verdict(response) == invalid("scope", "invalid_choice")


def test_a_series_of_an_archived_class_is_not_changed(teacher, alice, algebra, make):
    made = make(classId=algebra.pk)
    algebra.archive(Actor(alice))
    assert verdict(teacher.patch(path(made[0]), {"title": "New", "scope": "all"})) == ARCHIVED
    assert verdict(teacher.post(f"{path(made[0])}/cancel", {"scope": "all"})) == ARCHIVED


@pytest.mark.parametrize(("call", "queries"), [("patch", 8), ("cancel", 8)])
def test_the_number_of_statements_is_the_same_for_any_number(teacher, make, django_assert_num_queries, call, queries):
    for count in (2, 40):
        one = path(make(recurrence=f"FREQ=DAILY;COUNT={count}", startTime="2026-05-01T09:00:00Z")[0])
        with django_assert_num_queries(queries):
            if call == "patch":
                teacher.patch(one, {"startTime": "2026-05-01T12:00:00Z", "scope": "all"})
            else:
                teacher.post(f"{one}/cancel", {"scope": "all"})
    assert LiveSession.objects.filter(start_time=datetime(2026, 5, 2, 12, tzinfo=UTC)).count() == 2 * (call == "patch")
