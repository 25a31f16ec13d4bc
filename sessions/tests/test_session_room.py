"""`roomUrl` of a live session: where it takes place, told to those who may change the session."""

import pytest

from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY, links
from tutorarc.domain.events import Actor
from tutorarc.testing.client import invalid, verdict
from tutorarc.testing.events import events_of

ROOM = "https://zoom.us/j/123456?pwd=AbCdEf"
OTHER = "https://meet.example.com/other"


def room_seen_by(client, session):
    return client.get(f"/sessions/{session.pk}").json()["data"]["roomUrl"]


def test_a_session_is_scheduled_with_a_room(api, alice):
    client = api(alice)
    response = client.post("/sessions", SESSION_BODY | {"roomUrl": "https://ZOOM.us"})
    assert (response.status_code, response.json()["data"]["roomUrl"]) == (201, "https://zoom.us/")
    assert room_seen_by(client, LiveSession.objects.get()) == "https://zoom.us/"


def test_the_published_call_takes_a_room_and_answers_without_it(api, alice):
    response = api(alice).post("/classes", SESSION_BODY | {"roomUrl": ROOM})
    session = LiveSession.objects.get()
    assert (response.status_code, response.json()["data"]) == (200, links(session.pk))
    assert session.room_url == ROOM


def test_a_class_takes_no_room(api, alice):
    response = api(alice).post("/classes", {"title": "Algebra", "roomUrl": ROOM})
    assert verdict(response) == invalid("roomUrl", "unknown_field")


@pytest.mark.parametrize("room", ["http://zoom.us/", "https://me@zoom.us/", ""])
def test_a_wrong_room_is_400(api, alice, schedule, room):
    session, client = schedule(), api(alice)
    code = "blank" if room == "" else "invalid_url"
    assert verdict(client.post("/sessions", SESSION_BODY | {"roomUrl": room})) == invalid("roomUrl", code)
    assert verdict(client.patch(f"/sessions/{session.pk}", {"roomUrl": room})) == invalid("roomUrl", code)


def test_the_room_is_changed_and_removed(api, alice, schedule):
    session, client = schedule(), api(alice)
    for room in (ROOM, OTHER, None):
        changed = client.patch(f"/sessions/{session.pk}", {"roomUrl": room})
        assert changed.json()["data"]["roomUrl"] == room_seen_by(client, session) == room
    events = events_of(session, "session.rescheduled")
    assert [event.changes for event in events] == [
        {"roomUrl": [None, "set"]},
        {"roomUrl": ["set", "set"]},
        {"roomUrl": ["set", None]},
    ]
    assert {event.data["roomUrl"] for event in events} == {None}


def test_the_event_of_a_new_session_says_that_it_has_a_room(alice, schedule):
    [event] = events_of(schedule(room_url=ROOM))
    assert (event.changes["roomUrl"], event.data["roomUrl"]) == ([None, "set"], None)


def test_only_those_who_may_change_it_get_the_room(api, alice, bob, dora, admin, algebra, join, schedule):
    session = schedule(klass=algebra, room_url=ROOM)
    join(algebra, bob, "APPROVED")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    seen = [room_seen_by(api(person), session) for person in (alice, dora, admin, bob)]
    assert seen == [ROOM, ROOM, ROOM, None]
    assert room_seen_by(api(alice, scopes=["sessions:read"]), session) is None


def test_the_room_of_the_session_counts_more_than_that_of_its_class(alice, algebra, schedule):
    algebra = algebra.change_settings(Actor(alice), room_url=ROOM)
    of_class, own, without = schedule(klass=algebra), schedule(klass=algebra, room_url=OTHER), schedule()
    assert [session.room for session in (of_class, own, without)] == [ROOM, OTHER, None]
