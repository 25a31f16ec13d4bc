"""Every transition is recorded: actor, credential, time, type, and the status before and after."""

import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor
from tutorarc.models import Event, User
from tutorarc.testing.client import Client
from tutorarc.testing.events import events_of

HALF_PAST_NINE = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


class Record(NamedTuple):
    whose: str
    happened: str
    by: str
    key: str | None
    at: datetime
    before: str
    after: str
    role: str


def records(klass):
    """What the events of a class's memberships tell, oldest first."""
    names = dict(User.objects.values_list("pk", "display_name"))
    class_id = getattr(klass, "pk", klass)
    return [
        Record(
            names[event.user_id],
            event.happened,
            names[event.actor_user_id],
            event.actor_key_id,
            event.created_at,
            event.from_status,
            event.data["status"],
            event.data["role"],
        )
        for event in Event.objects.filter(class_id=class_id, user_id__isnull=False).order_by("pk")
    ]


def newest(klass, count=1):
    return records(klass)[-count:]


@pytest.fixture
def clock(half_past_nine, time_machine):
    """Lets the test set up at half past nine and act an hour later."""

    def an_hour_later():
        later = datetime(2026, 3, 14, 10, 30, tzinfo=UTC)
        time_machine.move_to(later, tick=False)
        return later

    return an_hour_later


def key_of(user):
    return user.api_keys.get().pk


def test_creating_a_class_records_its_first_teacher(half_past_nine, alice, api):
    class_id = api(alice).post("/classes", {"title": "Algebra"}).json()["id"]
    assert records(class_id) == [
        Record("Alice", "enrolled", "Alice", key_of(alice), HALF_PAST_NINE, "", "APPROVED", "TEACHER")
    ]


@pytest.mark.parametrize("path", ["/classes/{}/join-request", "/join-requests"])
def test_a_join_request_is_recorded(clock, algebra, bob, api, path):
    student, later = api(bob), clock()
    student.post(path.format(algebra.pk), {"class_code": algebra.class_code})
    assert newest(algebra) == [Record("Bob", "requested", "Bob", key_of(bob), later, "", "PENDING", "STUDENT")]


def test_an_enrolment_is_recorded(clock, algebra, alice, dora, known_to, api):
    known_to(alice, dora)
    teacher, later = api(alice), clock()
    teacher.post(f"/classes/{algebra.pk}/members", {"user_id": dora.pk, "role": "TEACHER"})
    assert newest(algebra) == [Record("Dora", "enrolled", "Alice", key_of(alice), later, "", "APPROVED", "TEACHER")]


HAPPENED = Membership.event_source.types
TRANSITIONS = [
    # verb      from        to
    ("approve", "PENDING", "APPROVED"),
    ("reject", "PENDING", "REJECTED"),
    ("remove", "APPROVED", "REMOVED"),
    ("reopen", "REJECTED", "PENDING"),
    ("reopen", "REMOVED", "PENDING"),
]


def decide(client, klass, user, verb):
    body = {"user_id": user.pk} if verb == "remove" else {"user_ids": [user.pk]}
    response = client.post(f"/classes/{klass.pk}/members/{verb}", body)
    assert response.status_code == 200, response.content


@pytest.mark.parametrize(("verb", "before", "after"), TRANSITIONS)
def test_a_decision_is_recorded_with_the_key(clock, algebra, alice, bob, api, join, verb, before, after):
    join(algebra, bob, before)
    teacher, count, later = api(alice), len(records(algebra)), clock()
    decide(teacher, algebra, bob, verb)
    assert records(algebra)[count:] == [
        Record("Bob", HAPPENED[verb], "Alice", key_of(alice), later, before, after, "STUDENT")
    ]


@pytest.mark.parametrize(("verb", "before", "after"), TRANSITIONS)
def test_a_decision_with_the_cookie_is_recorded_without_a_key(
    half_past_nine, algebra, admin, bob, join, verb, before, after
):
    join(algebra, bob, before)
    browser = Client()
    browser.force_login(admin)
    decide(browser, algebra, bob, verb)
    assert newest(algebra) == [Record("Bob", HAPPENED[verb], "Admin", None, HALF_PAST_NINE, before, after, "STUDENT")]


def test_leaving_is_recorded(clock, algebra, bob, api, join):
    join(algebra, bob)
    student, later = api(bob), clock()
    student.post(f"/classes/{algebra.pk}/leave")
    assert newest(algebra) == [Record("Bob", "left", "Bob", key_of(bob), later, "APPROVED", "REMOVED", "STUDENT")]


def test_a_change_of_role_is_recorded(clock, algebra, alice, dora, api):
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    teacher, later = api(alice), clock()
    teacher.patch(f"/classes/{algebra.pk}/members/{dora.pk}", {"role": "TEACHER"})
    assert newest(algebra, 2) == [
        Record("Dora", "enrolled", "Alice", None, HALF_PAST_NINE, "", "APPROVED", "STUDENT"),
        Record("Dora", "role_changed", "Alice", key_of(alice), later, "APPROVED", "APPROVED", "TEACHER"),
    ]


def test_a_batch_records_each_person(clock, algebra, alice, bob, charlie, api, join):
    join(algebra, bob, "REMOVED")
    join(algebra, charlie, "REJECTED")
    teacher, count, later = api(alice), len(records(algebra)), clock()
    teacher.post(f"/classes/{algebra.pk}/members/reopen", {"user_ids": [charlie.pk, bob.pk]})
    assert sorted(records(algebra)[count:]) == [
        Record("Bob", "reopened", "Alice", key_of(alice), later, "REMOVED", "PENDING", "STUDENT"),
        Record("Charlie", "reopened", "Alice", key_of(alice), later, "REJECTED", "PENDING", "STUDENT"),
    ]


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_batch_of_a_hundred_writes_a_hundred_records(algebra, alice, api, crowd, verb):
    people = crowd(algebra, 100, "PENDING")
    api(alice).post(f"/classes/{algebra.pk}/members/{verb}", {"user_ids": [user.pk for user in people]})
    assert sorted(record.whose for record in newest(algebra, 100)) == sorted(user.display_name for user in people)
    assert {record.happened for record in newest(algebra, 100)} == {HAPPENED[verb]}


def test_a_record_contains_the_time_of_joining(algebra, bob, join):
    member = join(algebra, bob)
    joined = [event.data["joined_at"] for event in events_of(member)]
    assert joined == [None, datetime_text(member.joined_at)]


def test_records_outlive_later_changes_and_nothing_is_rewritten(algebra, bob, join):
    join(algebra, bob, "REMOVED")
    assert [(record.happened, record.before, record.after) for record in newest(algebra, 3)] == [
        ("requested", "", "PENDING"),
        ("approved", "PENDING", "APPROVED"),
        ("removed", "APPROVED", "REMOVED"),
    ]


# In a class where bob is pending, carl is approved, and alice, who calls, is the only teacher
NOTHING_CHANGES = [
    ("post", "/join-request", {"class_code": "WRONG-0000"}, 403),
    ("post", "/members/approve", {"user_ids": ["bob", "carl"]}, 409),
    ("post", "/members/reject", {"user_ids": ["bob", "carl"]}, 409),
    ("post", "/members/reopen", {"user_ids": ["bob"]}, 409),
    ("post", "/members/remove", {"user_id": "bob"}, 409),
    ("post", "/members/remove", {"user_id": "alice"}, 409),
    ("post", "/leave", {}, 409),
    ("post", "/members", {"user_id": "bob", "role": "STUDENT"}, 409),
    ("patch", "/members/carl", {"role": "TEACHER"}, 409),
    ("patch", "/members/alice", {"role": "STUDENT"}, 409),
    ("patch", "/members/alice", {"role": "TEACHER"}, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), NOTHING_CHANGES)
def test_nothing_is_recorded_if_nothing_changed(algebra, alice, bob, make_user, api, join, method, path, body, status):
    carl = make_user("Carl")
    join(algebra, bob, "PENDING")
    join(algebra, carl)
    before = records(algebra)
    ids = {"alice": alice.pk, "bob": bob.pk, "carl": carl.pk}
    path, body = json.loads(re.sub("alice|bob|carl", lambda name: ids[name[0]], json.dumps([path, body])))
    response = getattr(api(alice), method)(f"/classes/{algebra.pk}{path}", body)
    assert response.status_code == status
    assert records(algebra) == before


def test_a_second_join_request_is_not_recorded(algebra, bob, api, join):
    join(algebra, bob, "PENDING")
    before = records(algebra)
    assert api(bob).post("/join-requests", {"class_code": algebra.class_code}).status_code == 409
    assert records(algebra) == before


# Classes


def class_records(class_id):
    return [
        (
            *(event.happened, event.actor_user_id, event.actor_key_id),
            *(event.from_status, event.data["status"], event.data["title"]),
        )
        for event in events_of(Class(pk=class_id))
    ]


def test_each_change_of_a_class_is_recorded_with_the_key(alice, api):
    teacher = api(alice)
    class_id = teacher.post("/classes", {"title": "Algebra"}).json()["id"]
    teacher.patch(f"/classes/{class_id}", {"title": "Algebra 2"})
    for verb in ("archive", "unarchive", "class-code"):
        assert teacher.post(f"/classes/{class_id}/{verb}").status_code == 200

    by = (alice.pk, key_of(alice))
    assert class_records(class_id) == [
        ("created", *by, "", "ACTIVE", "Algebra"),
        ("updated", *by, "ACTIVE", "ACTIVE", "Algebra 2"),
        ("archived", *by, "ACTIVE", "ARCHIVED", "Algebra 2"),
        ("unarchived", *by, "ARCHIVED", "ACTIVE", "Algebra 2"),
        ("code_renewed", *by, "ACTIVE", "ACTIVE", "Algebra 2"),
    ]


def test_a_change_of_a_class_with_the_cookie_is_recorded_without_a_key(half_past_nine, algebra, admin):
    browser = Client()
    browser.force_login(admin)
    browser.post(f"/classes/{algebra.pk}/archive")
    assert class_records(algebra.pk)[1:] == [("archived", admin.pk, None, "ACTIVE", "ARCHIVED", "Algebra")]
    assert events_of(algebra)[-1].created_at == HALF_PAST_NINE


def test_a_new_code_is_in_its_record(algebra, alice):
    old, new = algebra.class_code, algebra.renew_code(Actor(alice)).class_code
    assert [event.data["class_code"] for event in events_of(algebra)] == [old, new]
    assert events_of(algebra)[-1].changes == {"class_code": [old, new]}


def test_nothing_is_recorded_if_a_class_does_not_change(algebra, alice, api):
    teacher, path = api(alice), f"/classes/{algebra.pk}"
    assert teacher.patch(path, {"title": "Algebra"}).status_code == 200
    assert teacher.patch(path, {}).status_code == 200
    assert teacher.post(f"{path}/unarchive").status_code == 200
    assert len(class_records(algebra.pk)) == 1
    assert [teacher.post(f"{path}/archive").status_code for _ in range(2)] == [200, 200]
    assert teacher.patch(path, {"title": "Other"}).status_code == 409
    assert len(class_records(algebra.pk)) == 2
