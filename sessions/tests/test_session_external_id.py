"""`externalId` of live sessions: given when they are created, unique for each creator, and a filter of the list."""

import pytest

from members.models import Membership
from members.tests.test_membership_indexes import plan
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY, answer, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, invalid, invalid_parameter, run_together, verdict
from tutorarc.testing.events import events_of
from tutorarc.tests.db.large_tables import count_rows, fill_sessions

BODY = SESSION_BODY | {"externalId": "lesson-1"}
TAKEN = conflict("external_id_taken", ("externalId", "external_id_taken"))


def found(client, external_id):
    response = client.get("/sessions", {"externalId": external_id})
    assert response.status_code == 200
    return [one["sessionId"] for one in response.json()["data"]]


def test_a_session_has_it_and_is_found_by_it(half_past_nine, api, alice, schedule):
    other, client = schedule(), api(alice)
    response = client.post("/sessions", SESSION_BODY | {"externalId": " lesson-1 "})
    made = LiveSession.objects.exclude(pk=other.pk).get()
    assert (response.status_code, response.json()) == (201, answer(session(made, externalId="lesson-1")))
    assert [found(client, text) for text in ("lesson-1", "lesson-", "LESSON-1")] == [[made.pk], [], []]
    [event] = events_of(made)
    assert (event.changes["externalId"], event.data["externalId"]) == ([None, "lesson-1"], "lesson-1")


def test_the_call_of_the_published_api_takes_it_too(api, alice):
    response = api(alice).post("/classes", BODY)
    assert (response.status_code, list(response.json()["data"])) == (200, ["sessionId", "teacherLink", "studentLink"])
    assert LiveSession.objects.get().external_id == "lesson-1"


def test_without_a_field_of_a_live_session_it_is_unknown(api, alice):
    body = {"title": "Algebra", "externalId": "lesson-1"}
    assert verdict(api(alice).post("/classes", body)) == invalid("externalId", "unknown_field")


@pytest.mark.parametrize("path", ["/sessions", "/classes"])
@pytest.mark.parametrize("in_class", [False, True])
def test_a_second_session_of_the_creator_can_not_have_it(api, alice, algebra, path, in_class):
    client, body = api(alice), BODY | ({"classId": algebra.pk} if in_class else {})
    client.post(path, body)
    response = client.post(path, body)
    assert verdict(response) == TAKEN
    first = LiveSession.objects.get()
    assert response.json()["error"]["details"][0] == {
        "field": "externalId",
        "code": "external_id_taken",
        "message": f"{first.pk} has this external id.",
        "id": first.pk,
    }


def test_a_session_of_another_creator_can(api, alice, dora, admin):
    made = [api(person).post("/sessions", BODY).json()["data"]["sessionId"] for person in (alice, dora)]
    assert [found(api(person), "lesson-1") for person in (alice, dora, admin)] == [made[:1], made[1:], made[::-1]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_class", [False, True])
def test_of_equal_requests_at_the_same_time_one_succeeds(api, alice, algebra, in_class):
    body = BODY | ({"classId": algebra.pk} if in_class else {})

    def call():
        client = api(alice)
        return lambda: client.post("/sessions", body)

    answers = run_together([call() for _ in range(4)])
    [made] = LiveSession.objects.all()
    refused = [answer for answer in answers if answer.status_code != 201]
    assert [verdict(answer) for answer in refused] == [TAKEN] * 3
    assert {answer.json()["error"]["details"][0]["id"] for answer in refused} == {made.pk}


@pytest.mark.parametrize(
    ("external_id", "code"), [("", "blank"), ("x" * 129, "max_length"), (7, "invalid"), ("a\tb", "control_character")]
)
def test_a_wrong_value_is_400(api, alice, external_id, code):
    response = api(alice).post("/sessions", SESSION_BODY | {"externalId": external_id})
    assert verdict(response) == invalid("externalId", code)


@pytest.mark.parametrize(("external_id", "code"), [("", "blank"), ("x" * 129, "max_length")])
def test_a_wrong_parameter_is_400(api, alice, external_id, code):
    response = api(alice).get("/sessions", {"externalId": external_id})
    assert verdict(response) == invalid_parameter("externalId", code)


def test_it_can_not_be_changed(api, alice, schedule):
    response = api(alice).patch(f"/sessions/{schedule().pk}", {"externalId": "lesson-1"})
    assert verdict(response) == invalid("externalId", "unknown_field")


def test_the_filter_shows_no_session_that_the_list_hides(api, alice, bob, dora, algebra, join):
    made = LiveSession.objects.get(
        pk=api(alice).post("/sessions", BODY | {"classId": algebra.pk}).json()["data"]["sessionId"]
    )
    join(algebra, bob, "PENDING")
    assert [found(api(person), "lesson-1") for person in (bob, dora)] == [[], []]
    Membership.objects.approve(algebra, [bob.pk], Actor(alice))
    assert found(api(bob), "lesson-1") == [made.pk]


def test_one_is_found_by_its_index_among_many(half_past_nine, alice, schedule):
    fill_sessions(alice, schedule().start_time)
    count_rows()
    sessions = LiveSession.objects.filter(external_id="lesson-1").order_by("-pk")[:21]
    assert "session_external_id_is_unique" in plan(sessions)
