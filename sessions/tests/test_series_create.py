"""`POST /sessions` with `recurrence`: a series of sessions."""

from datetime import UTC, datetime

import pytest

from members.tests.expected import ARCHIVED
from sessions.models import LiveSession, Series
from sessions.tests.expected import SESSION_BODY, answer, session
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import forbidden, invalid, verdict

# Fridays at 10:00 in Berlin; clocks go forward on 29 March 2026
RECURRENCE = {"recurrence": "freq=weekly;byday=FR;count=3", "timeZone": "Europe/Berlin"}
BODY = SESSION_BODY | {"startTime": "2026-03-20T09:00:00Z"} | RECURRENCE
STARTS = ["2026-03-20T09:00:00Z", "2026-03-27T09:00:00Z", "2026-04-03T08:00:00Z"]

pytestmark = pytest.mark.usefixtures("half_past_nine")


@pytest.fixture
def before(time_machine, half_past_nine):
    time_machine.move_to("2026-03-14T09:30:00+00:00", tick=False)


def test_the_call_that_also_creates_classes_takes_no_recurrence(api, alice):
    response = api(alice).post("/classes", {**BODY, "recurrence": "FREQ=DAILY;COUNT=2"})
    assert response.json()["error"]["reason"] == "unknown_field"
    assert not LiveSession.objects.exists()


@pytest.mark.usefixtures("before")
def test_it_makes_a_session_for_each_time_at_the_same_local_time(api, alice, algebra):
    body = BODY | {"classId": algebra.pk, "roomUrl": "https://meet.example.org/a"}
    response = api(alice).post("/sessions", body)
    [series], made = Series.objects.all(), list(LiveSession.objects.order_by("start_time"))
    of_each = {"classId": algebra.pk, "seriesId": series.pk, "roomUrl": "https://meet.example.org/a"}
    shown = [session(one, startTime=start, **of_each) for one, start in zip(made, STARTS, strict=True)]
    assert (response.status_code, response.json()) == (201, answer({"seriesId": series.pk, "sessions": shown}))
    assert response["Location"] == f"http://testserver/api/v1/series/{series.pk}"
    assert [one.created_by for one in made] == [alice] * 3
    assert [one.next_clock_event_at for one in made] == [one.start_time for one in made]


def test_each_session_has_an_event(api, alice):
    api(alice).post("/sessions", BODY)
    made = LiveSession.objects.order_by("start_time")
    events = (
        Event.objects.filter(type__startswith="session")
        .order_by("pk")
        .values_list("type", "session_id", "data__seriesId", "actor_user_id")
    )
    assert list(events) == [("session.scheduled", one.pk, one.series_id, alice.pk) for one in made]


@pytest.mark.parametrize("count", [2, 40])
@pytest.mark.parametrize(("in_class", "queries"), [(False, 6), (True, 8)])
def test_the_number_of_statements_is_the_same_for_any_number(
    api, alice, algebra, django_assert_num_queries, count, in_class, queries
):
    client = api(alice)
    client.get("/me")
    body = BODY | {"recurrence": f"FREQ=DAILY;COUNT={count}"} | ({"classId": algebra.pk} if in_class else {})
    with django_assert_num_queries(queries):
        assert len(client.post("/sessions", body).json()["data"]["sessions"]) == count


def test_the_time_zone_is_by_default_that_of_the_caller(api, alice):
    body = {name: value for name, value in BODY.items() if name != "timeZone"}
    assert verdict(api(alice).post("/sessions", body)) == invalid("timeZone", "required")
    alice.edit(Actor(alice), time_zone="Asia/Kathmandu")
    assert api(alice).post("/sessions", body).status_code == 201
    assert Series.objects.get().time_zone == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"recurrence": "FREQ=YEARLY;COUNT=3"}, "recurrence", "invalid_rule"),
        ({"recurrence": "FREQ=DAILY;COUNT=3;BYHOUR=9"}, "recurrence", "unknown_part"),
        ({"recurrence": "FREQ=DAILY;UNTIL=20270320"}, "recurrence", "too_many_sessions"),
        ({"recurrence": "FREQ=DAILY;UNTIL=20260319"}, "recurrence", "no_sessions"),
        ({"startTime": "9999-12-25T09:00:00Z"}, "recurrence", "ends_too_late"),
        ({"startTime": "0001-01-01T00:00:00Z", "timeZone": "America/New_York"}, "recurrence", "ends_too_late"),
        ({"recurrence": ""}, "recurrence", "blank"),
        ({"recurrence": 3}, "recurrence", "invalid"),
        ({"recurrence": None}, "recurrence", "null"),
        ({"timeZone": "Berlin"}, "timeZone", "unknown_time_zone"),
        ({"timeZone": "../Europe/Berlin"}, "timeZone", "unknown_time_zone"),
        ({"externalId": "lesson-1"}, "externalId", "not_for_series"),
        ({"reccurrence": "FREQ=DAILY;COUNT=3"}, "reccurrence", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_creates_nothing(api, alice, changes, field, code):
    assert verdict(api(alice).post("/sessions", BODY | changes)) == invalid(field, code)
    assert (LiveSession.objects.count(), Series.objects.count()) == (0, 0)


def test_a_time_zone_without_a_recurrence_is_refused(api, alice):
    response = api(alice).post("/sessions", SESSION_BODY | {"timeZone": "Europe/Berlin"})
    assert verdict(response) == invalid("timeZone", "without_recurrence")


def test_a_local_time_that_clocks_skip_is_refused_with_its_days(api, alice):
    body = BODY | {"startTime": "2026-03-22T01:30:00Z", "recurrence": "FREQ=DAILY;COUNT=20"}
    response = api(alice).post("/sessions", body)
    assert verdict(response) == (400, "skipped_local_time", [("startTime", "skipped_local_time")])
    message = "startTime: there is no 02:30 in Europe/Berlin on 2026-03-29: clocks are put forward over it."
    assert response.json()["error"]["message"] == message


def test_of_a_local_time_that_comes_twice_the_first_is_taken(api, alice):
    body = BODY | {"startTime": "2026-10-24T00:30:00Z", "recurrence": "FREQ=DAILY;COUNT=2"}
    api(alice).post("/sessions", body)
    starts = LiveSession.objects.order_by("start_time").values_list("start_time", flat=True)
    assert list(starts) == [datetime(2026, 10, day, 0, 30, tzinfo=UTC) for day in (24, 25)]


def test_an_archived_class_and_a_class_of_others_accept_none(api, alice, dora, algebra):
    body = BODY | {"classId": algebra.pk}
    assert verdict(api(dora).post("/sessions", body)) == forbidden("not_a_member")
    algebra.archive(Actor(alice))
    assert verdict(api(alice).post("/sessions", body)) == ARCHIVED
    assert (LiveSession.objects.count(), Series.objects.count()) == (0, 0)


def test_a_repeated_request_makes_one_series(api, alice):
    client = api(alice)
    first, again = (client.post("/sessions", BODY, headers={"Idempotency-Key": "a"}) for _ in range(2))
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert Series.objects.count() == 1
