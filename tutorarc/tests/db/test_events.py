"""Events that verbs write: types, contents, ids, and the number of statements."""

import itertools
import json
import uuid

import pytest
from django.db import connection

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.db.ids import to_uuid
from tutorarc.domain.events import SYSTEM, Actor, model_of, record
from tutorarc.models import Event, User
from tutorarc.models.event import number_events
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.testing.events import events_of
from tutorarc.tests.feed.events import forget_events

MODELS = (User, ApiKey, Class, Membership, LiveSession)
# Shown on history pages alone.
INTERNAL_TYPES = {
    *("api_key.created", "api_key.revoked", "api_key.rotated"),
    *("session.links_renewed", "session.transferred"),
    *("user.groups_changed", "user.permissions_given", "user.email_confirmed", "user.second_factors_removed"),
    *("user.password_set", "user.sign_ins_ended", "user.password_link_made", "user.calendar_renewed"),
    *("user.note_added", "user.note_deleted"),
}


def test_each_type_is_public_or_internal():
    sources = [model.event_source for model in MODELS]
    written = {f"{source.kind}.{happened}" for source in sources for happened in source.types.values()}
    assert written - {*PUBLIC_TYPES} == INTERNAL_TYPES
    assert [model_of(source.kind) for source in sources] == [*MODELS]


def test_the_data_is_what_the_api_shows(api, alice, bob, algebra):
    teacher, student = api(alice), api(bob)
    teacher.patch(f"/classes/{algebra.pk}", {"description": "Rings"})
    student.post("/join-requests", {"class_code": algebra.class_code})
    [member] = teacher.post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]}).json()
    assert events_of(algebra)[-1].data == teacher.get(f"/classes/{algebra.pk}").json()
    assert events_of(Membership.objects.get(user=bob))[-1].data == member
    assert events_of(bob)[-1].data == student.get("/me").json() | {"external_id": None, "time_zone": ""}


def test_an_approval_tells_who_what_and_how(half_past_nine, api, alice, bob, algebra, join):
    member = join(algebra, bob, "PENDING")
    api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]})
    number_events()
    event = events_of(member)[-1]
    told = {field.attname: getattr(event, field.attname) for field in Event._meta.fields if field.name != "id"}
    assert {**told, "created_at": str(event.created_at), "object_id": event.object_id.int} == {
        "type": "membership.approved",
        "created_at": "2026-03-14 09:30:00+00:00",
        "object_id": member.pk,
        "class_id": algebra.pk,
        "session_id": None,
        "user_id": bob.pk,
        "actor_user_id": alice.pk,
        "actor_key_id": alice.api_keys.get().pk,
        "from_status": "PENDING",
        "changes": {"status": ["PENDING", "APPROVED"]},
        "data": {
            "user_id": bob.pk,
            "class_id": algebra.pk,
            "role": "STUDENT",
            "status": "APPROVED",
            "joined_at": half_past_nine,
        },
        "detail": "",
        "position": Event.objects.count(),
        "class_owner_id": alice.pk,
        "session_owner_id": None,
    }


def test_a_person_who_is_deactivated_and_reactivated(bob):
    bob.edit(SYSTEM, is_active=False)
    User.objects.edit_many({bob.pk: {"is_active": True, "display_name": "Robert"}}, SYSTEM)
    assert [(event.type, event.changes) for event in events_of(bob)[1:]] == [
        ("user.deactivated", {"status": ["ACTIVE", "DEACTIVATED"]}),
        ("user.reactivated", {"status": ["DEACTIVATED", "ACTIVE"], "display_name": ["Bob", "Robert"]}),
    ]


def test_a_batch_tells_the_former_values_of_each_row(algebra, alice, dora, make_user):
    fay, by = make_user("Fay", "TEACHER"), Actor(alice)
    for user, role in ((dora, "STUDENT"), (fay, "TEACHER")):
        Membership.objects.enrol(algebra, user, role, by)
    members = Membership.objects.change_roles(algebra, [dora.pk, fay.pk], "TEACHER", by)
    assert [[event.changes for event in events_of(member)[1:]] for member in members] == [
        [{"role": ["STUDENT", "TEACHER"]}],
        [],
    ]


@pytest.mark.parametrize("count", [1, 500])
def test_any_number_of_events_is_one_statement(algebra, alice, crowd, django_assert_num_queries, count):
    crowd(algebra, count, "PENDING")
    members = list(algebra.memberships.filter(status="PENDING"))
    with django_assert_num_queries(1):
        record(members, Actor(alice), verb="approve", from_status="PENDING")
    assert Event.objects.filter(type="membership.approved").count() == count


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the servers of an SQLite database share one clock")
def test_ids_follow_the_order_of_the_changes_whatever_the_clocks_of_the_servers(algebra, alice, crowd, monkeypatch):
    """Each of these servers has a clock that is behind that of the one before."""
    ids = (uuid.UUID(int=number) for number in itertools.count(2**100, -(2**90)))
    monkeypatch.setattr("tutorarc.domain.event_rows.uuid7", lambda: next(ids))
    crowd(algebra, 20, "PENDING")
    members = list(algebra.memberships.filter(status="PENDING"))
    forget_events()
    algebra.edit(Actor(alice), title="Rings")
    record(members, Actor(alice), verb="approve", from_status="PENDING")
    klass = Class.objects.create_with_teacher(Actor(alice), title="Botany")
    about = [to_uuid("cls", algebra.pk), *(uuid.UUID(int=member.pk) for member in members), to_uuid("cls", klass.pk)]
    found = Event.objects.filter(object_id__in=about).order_by("pk")
    assert [event.object_id for event in found] == about
    assert {event.pk[:8] for event in found} == {Event().pk[:8]}


def test_text_of_every_kind_is_kept(alice):
    title = "\"'\\ {} %s \N{SNOWMAN} \U0001f9ee"
    klass = Class.objects.create_with_teacher(Actor(alice), title=title)
    assert events_of(klass)[0].data["title"] == title


def test_no_secret_is_in_an_event(make_user):
    eve = make_user("Eve", password="correct-horse-battery")
    key, secret = ApiKey.objects.issue(eve, SYSTEM)
    eve.make_password_link(SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {Event._meta.db_table}")  # noqa: S608
        told = json.dumps(cursor.fetchall(), default=str)
    eve.refresh_from_db()
    assert [text for text in (secret, key.digest, eve.password) if text in told] == []


def test_the_link_of_the_teacher_is_told_without_its_token(settings, schedule):
    settings.SIGNED_TEACHER_LINKS = True
    session = schedule()
    [event] = events_of(session)
    assert "token=" in session.teacher_link
    assert event.data["teacherLink"] == f"{settings.BOARD_URL}/board?id={session.pk}&role=teacher"
