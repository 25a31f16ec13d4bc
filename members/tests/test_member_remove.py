"""POST /classes/{id}/members/remove"""

import pytest

from members.tests.expected import ARCHIVED, NOBODY, membership, status_of
from members.tests.test_member_join_request import ON_RECORD
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, invalid_fields, verdict

NOT_APPROVED = conflict("not_an_approved_member")
LAST_TEACHER = conflict("last_teacher")


@pytest.fixture
def remove(algebra, alice, api):
    def post(user_id, by=alice):
        return api(by).post(f"/classes/{algebra.pk}/members/remove", {"user_id": user_id})

    return post


def test_an_approved_member_becomes_removed(half_past_nine, algebra, bob, join, remove):
    join(algebra, bob)
    response = remove(bob.pk)
    assert response.status_code == 200
    assert response.json() == membership(algebra, bob, "REMOVED", joined_at=half_past_nine)


def test_the_record_stays_and_the_list_shows_it(half_past_nine, algebra, alice, bob, join, remove, api):
    join(algebra, bob)
    remove(bob.pk)
    assert api(alice).get(f"/classes/{algebra.pk}/members?status=REMOVED").json()["results"] == [
        membership(algebra, bob, "REMOVED", joined_at=half_past_nine)
    ]


def test_a_removed_student_can_not_ask_to_join_again(algebra, bob, join, remove, api):
    join(algebra, bob)
    remove(bob.pk)
    response = api(bob).post(f"/classes/{algebra.pk}/join-request", {"class_code": algebra.class_code})
    assert verdict(response) == ON_RECORD
    assert status_of(algebra, bob) == "REMOVED"


def test_a_removed_student_no_longer_sees_the_class(algebra, bob, join, remove, api):
    join(algebra, bob)
    remove(bob.pk)
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == 403
    assert api(bob).get("/classes").json()["results"] == []


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED"])
def test_a_user_who_is_not_approved_is_a_conflict(algebra, bob, join, remove, status):
    join(algebra, bob, status)
    assert verdict(remove(bob.pk)) == NOT_APPROVED
    assert status_of(algebra, bob) == status


def test_a_user_without_membership_is_a_conflict(bob, remove):
    assert verdict(remove(bob.pk)) == NOT_APPROVED
    assert verdict(remove(NOBODY)) == NOT_APPROVED


@pytest.mark.parametrize("by", ["alice", "admin"])
def test_the_last_teacher_can_not_be_removed(request, algebra, alice, remove, by):
    assert verdict(remove(alice.pk, by=request.getfixturevalue(by))) == LAST_TEACHER
    assert status_of(algebra, alice) == "APPROVED"


def test_only_approved_teachers_of_this_class_count_as_remaining(algebra, alice, bob, dora, admin, join, remove):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, admin, "STUDENT", Actor(alice))
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    remove(dora.pk)
    type(algebra).objects.create_with_teacher(Actor(dora), title="Botany")
    assert verdict(remove(alice.pk)) == LAST_TEACHER


def test_a_pending_teacher_does_not_count_as_remaining(algebra, alice, dora, remove):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    remove(dora.pk)
    algebra.memberships.reopen(algebra, [dora.pk], Actor(alice))
    assert verdict(remove(alice.pk)) == LAST_TEACHER


def test_either_of_two_teachers_may_be_removed(half_past_nine, algebra, alice, dora, remove):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    response = remove(alice.pk, by=dora)
    assert response.json() == membership(algebra, alice, "REMOVED", role="TEACHER", joined_at=half_past_nine)
    assert verdict(remove(dora.pk, by=dora)) == LAST_TEACHER


def test_a_removed_teacher_can_no_longer_manage_the_class(algebra, alice, bob, dora, join, remove):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    remove(dora.pk)
    assert remove(bob.pk, by=dora).status_code == 403


def test_a_removed_creator_can_no_longer_manage_the_class_but_still_lists_it(algebra, alice, dora, remove, api):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    remove(alice.pk, by=dora)
    assert api(alice).patch(f"/classes/{algebra.pk}", {"title": "Mine"}).status_code == 403
    assert [row["id"] for row in api(alice).get("/classes").json()["results"]] == [algebra.pk]


def test_an_admin_may_remove(algebra, bob, admin, join, remove):
    join(algebra, bob)
    assert remove(bob.pk, by=admin).status_code == 200


def test_nobody_is_removed_from_an_archived_class(algebra, alice, bob, join, remove):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    assert verdict(remove(bob.pk)) == ARCHIVED
    assert status_of(algebra, bob) == "APPROVED"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("user_id", "required")]),
        ({"user_id": None}, [("user_id", "null")]),
        ({"user_id": 456}, [("user_id", "malformed_id")]),
        ({"user_id": "usr_456"}, [("user_id", "malformed_id")]),
        ({"user_id": ["usr_456"]}, [("user_id", "malformed_id")]),
        ({"user_ids": ["usr_456"]}, [("user_id", "required"), ("user_ids", "unknown_field")]),
    ],
)
def test_a_body_without_one_id_is_refused(algebra, alice, api, body, details):
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/members/remove", body)) == invalid_fields(details)
