"""`GET /series` and `GET /series/{series_id}`, and the filter of sessions by series."""

import pytest

from members.models import Membership
from sessions.models import LiveSession, Series
from sessions.tests.expected import answer, session, written
from sessions.tests.test_series_create import BODY, STARTS
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid_parameter, verdict

pytestmark = pytest.mark.usefixtures("half_past_nine")


@pytest.fixture
def made(api, alice, algebra):
    api(alice).post("/sessions", BODY | {"classId": algebra.pk})
    return Series.objects.get()


def shown(series, **changes):
    return {
        "seriesId": series.pk,
        "title": BODY["title"],
        "startTime": STARTS[0],
        "duration": 60,
        "recurrence": "FREQ=WEEKLY;BYDAY=FR;COUNT=3",
        "timeZone": "Europe/Berlin",
        "classId": None,
        "createdAt": written(series.created_at),
        **changes,
    }


def test_the_list_has_those_of_ones_classes_and_ones_own(api, admin, alice, bob, dora, charlie, algebra, made):
    api(dora).post("/sessions", BODY)
    own = Series.objects.get(created_by=dora)
    Membership.objects.enrol(algebra, bob, "STUDENT", Actor(alice))
    of_class = shown(made, classId=algebra.pk)
    found = {person: api(person).get("/series").json() for person in (alice, bob, dora, charlie, admin)}
    expected = {alice: [of_class], bob: [of_class], dora: [shown(own)], charlie: [], admin: [shown(own), of_class]}
    assert found == {
        person: {"status": "success", "data": data, "next": None, "previous": None} for person, data in expected.items()
    }


def test_one_is_shown_with_its_sessions_in_order(time_machine, api, alice, algebra, made):
    sessions = list(LiveSession.objects.order_by("start_time"))
    sessions[0].reschedule(Actor(alice), start_time=sessions[2].end_time)
    time_machine.move_to("2026-03-14T09:30:00+00:00", tick=False)
    response = api(alice).get(f"/series/{made.pk}")
    assert response.status_code == 200
    data = response.json()["data"]
    moved = data.pop("sessions")
    assert data == shown(made, classId=algebra.pk)
    assert [one["sessionId"] for one in moved] == [sessions[1].pk, sessions[2].pk, sessions[0].pk]
    of_each = {"classId": algebra.pk, "seriesId": made.pk}
    assert answer(moved[0]) == answer(session(sessions[1], startTime=STARTS[1], **of_each))


@pytest.mark.parametrize(("who", "expected"), [("bob", None), ("charlie", "not_a_member"), ("dora", "not_a_member")])
def test_one_of_a_class_is_for_its_members(request, api, alice, bob, algebra, made, who, expected):
    Membership.objects.enrol(algebra, bob, "STUDENT", Actor(alice))
    response = api(request.getfixturevalue(who)).get(f"/series/{made.pk}")
    if expected:
        assert verdict(response) == forbidden(expected)
    else:
        links = {(one["teacherLink"], one["roomUrl"]) for one in response.json()["data"]["sessions"]}
        assert (response.status_code, links) == (200, {(None, None)})


def test_one_without_a_class_is_for_its_creator(api, alice, dora):
    api(alice).post("/sessions", BODY)
    path = f"/series/{Series.objects.get().pk}"
    assert verdict(api(dora).get(path)) == forbidden("not_the_owner")
    assert api(alice).get(path).status_code == 200


@pytest.mark.parametrize("series_id", ["ser_01h455vb4pex5vsknk084sn02q", "session_01h455vb4pex5vsknk084sn02q", "x"])
def test_an_unknown_id_is_not_found(api, alice, series_id):
    assert verdict(api(alice).get(f"/series/{series_id}")) == NOT_FOUND


def test_a_credential_and_a_scope_are_required(api, alice, made):
    for path in ("/series", f"/series/{made.pk}"):
        assert verdict(api().get(path)) == UNAUTHENTICATED
        assert verdict(api(alice, scopes=["sessions:write"]).get(path)) == forbidden("missing_scope")


def test_sessions_are_filtered_by_series(api, alice, schedule, made):
    schedule()
    client = api(alice)
    found = client.get("/sessions", {"seriesId": made.pk}).json()["data"]
    assert {one["seriesId"] for one in found} == {made.pk}
    assert len(found) == 3
    assert verdict(client.get("/sessions", {"seriesId": "x"})) == invalid_parameter("seriesId", "malformed_id")


@pytest.mark.parametrize(("path", "queries"), [("/series", 2), ("/series/{}", 3)])
def test_the_number_of_statements_does_not_grow(api, alice, algebra, made, django_assert_num_queries, path, queries):
    client = api(alice)
    client.get("/me")
    api(alice).post("/sessions", BODY | {"classId": algebra.pk})
    with django_assert_num_queries(queries):
        assert client.get(path.format(made.pk)).status_code == 200
