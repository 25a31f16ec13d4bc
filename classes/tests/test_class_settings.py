"""GET and PATCH /classes/{id}/settings, for the teachers of a class."""

import pytest

from classes.tests.expected import SETTINGS
from members.models import Membership
from members.tests.expected import ARCHIVED, NO_CLASS
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict
from tutorarc.testing.events import events_of, types_of
from tutorarc.tests.browser.browsing import FORM, HTML, form

ROOM = "https://zoom.us/j/123456?pwd=AbCdEf"


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/settings"


def test_a_class_has_no_room_at_first(api, alice, path):
    response = api(alice).get(path)
    assert (response.status_code, response.json()) == (200, SETTINGS)


@pytest.mark.parametrize(("sent", "shown"), [(ROOM, ROOM), ("  https://Zoom.us ", "https://zoom.us/"), (None, None)])
def test_a_teacher_changes_the_room(api, alice, algebra, path, sent, shown):
    algebra.change_settings(Actor(alice), room_url="https://meet.example.com/former")
    response = api(alice).patch(path, {"room_url": sent})
    assert (response.status_code, response.json()) == (200, SETTINGS | {"room_url": shown})
    assert api(alice).get(path).json() == SETTINGS | {"room_url": shown}


def test_it_costs_three_statements_to_read_them_and_eight_to_change_them(api, alice, path, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(3):
        client.get(path)
    with django_assert_num_queries(8):
        client.patch(path, {"room_url": ROOM})


def test_its_event_says_that_there_is_a_room_and_not_which(api, alice, algebra, path):
    client = api(alice)
    for room in (ROOM, "https://meet.example.com/other", None):
        client.patch(path, {"room_url": room})
    events = events_of(algebra, "class.settings_changed")
    assert [event.changes for event in events] == [
        {"room_url": [None, "set"]},
        {"room_url": ["set", "set"]},
        {"room_url": ["set", None]},
    ]
    assert all("room_url" not in event.data and event.data["id"] == algebra.pk for event in events)


@pytest.mark.parametrize("body", [{}, {"room_url": None}])
def test_equal_values_change_and_record_nothing(api, alice, algebra, path, body):
    assert api(alice).patch(path, body).json() == SETTINGS
    assert types_of(algebra) == ["created"]


@pytest.mark.parametrize(
    ("room", "code"),
    [
        ("http://zoom.us/", "invalid_url"),
        ("https://me:secret@zoom.us/", "invalid_url"),
        ("https://zoom.us/\u0007", "invalid_url"),
        ("", "blank"),
        (7, "invalid"),
        (["https://zoom.us/"], "invalid"),
        ("https://zoom.us/" + "a" * 2000, "max_length"),
        ("https://zoom.us/" + "a" * 20_000, "max_length"),
        ("https://zoom.us/\u0000", "invalid_url"),
    ],
)
def test_a_wrong_address_is_400(api, alice, algebra, path, room, code):
    assert verdict(api(alice).patch(path, {"room_url": room})) == invalid("room_url", code)
    assert types_of(algebra) == ["created"]


@pytest.mark.parametrize("name", ["seats_taken", "title", "roomUrl"])
def test_unknown_fields_are_400(api, alice, path, name):
    assert verdict(api(alice).patch(path, {name: None})) == invalid(name, "unknown_field")


def test_an_admin_and_a_co_teacher_read_and_change_them(api, admin, alice, dora, algebra, path):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    for person in (admin, dora):
        assert api(person).patch(path, {"room_url": ROOM}).status_code == 200
        assert api(person).get(path).json() == SETTINGS | {"room_url": ROOM}


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_student_neither_reads_nor_changes_them(api, bob, algebra, join, path, status):
    join(algebra, bob, status)
    refused = forbidden("wrong_role" if status == "APPROVED" else "not_a_member")
    assert verdict(api(bob).get(path)) == refused
    assert verdict(api(bob).patch(path, {"room_url": ROOM})) == refused


def test_strangers_and_creators_who_were_removed_neither_read_nor_change_them(api, alice, dora, algebra, path):
    assert verdict(api(dora).get(path)) == forbidden("not_a_member")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, alice.pk, Actor(dora))
    assert verdict(api(alice).get(path)) == forbidden("not_a_member")
    assert verdict(api(alice).patch(path, {"room_url": ROOM})) == forbidden("not_a_member")
    assert verdict(api().get(path)) == UNAUTHENTICATED


def test_a_key_that_may_only_read_gets_no_room(api, alice, algebra, path):
    algebra.change_settings(Actor(alice), room_url=ROOM)
    reader = api(alice, scopes=["classes:read"])
    assert reader.get(path).json() == SETTINGS
    assert verdict(reader.patch(path, {})) == forbidden("missing_scope")


def test_an_archived_class_keeps_its_settings(api, alice, algebra, path):
    algebra.change_settings(Actor(alice), room_url=ROOM)
    algebra.archive(Actor(alice))
    assert verdict(api(alice).patch(path, {"room_url": None})) == ARCHIVED
    assert api(alice).get(path).json() == SETTINGS | {"room_url": ROOM}


def test_an_unknown_class_is_404(api, alice):
    assert verdict(api(alice).get(f"/classes/{NO_CLASS}/settings")) == NOT_FOUND
    assert verdict(api(alice).patch(f"/classes/{NO_CLASS}/settings")) == NOT_FOUND


def test_the_page_of_the_settings_changes_the_room(signed_in, alice, algebra, path):
    browser = signed_in(alice)
    page = browser.post(path, form(_method="PATCH", room_url=ROOM), FORM, headers=HTML)
    algebra.refresh_from_db()
    assert (page.status_code, algebra.room_url) == (200, ROOM)
    assert f'value="{ROOM}"' in page.content.decode()
    page = browser.post(path, form(_method="PATCH", room_url="", **{"initial-room_url": ROOM}), FORM, headers=HTML)
    algebra.refresh_from_db()
    assert algebra.room_url is None
