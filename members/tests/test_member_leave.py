"""POST /classes/{id}/leave"""

import pytest

from members.tests.expected import ARCHIVED, membership, status_of
from members.tests.test_member_join_request import ON_RECORD
from members.tests.test_member_remove import LAST_TEACHER
from tutorarc.domain.events import Actor
from tutorarc.testing.client import forbidden, invalid, verdict

NOT_A_MEMBER = forbidden("not_a_member")


@pytest.fixture
def leave(algebra, api):
    return lambda user: api(user).post(f"/classes/{algebra.pk}/leave")


def test_a_student_leaves_and_is_removed(half_past_nine, algebra, bob, join, leave):
    join(algebra, bob)
    response = leave(bob)
    assert response.status_code == 200
    assert response.json() == membership(algebra, bob, "REMOVED", joined_at=half_past_nine)
    assert status_of(algebra, bob) == "REMOVED"


def test_an_empty_body_is_accepted(algebra, bob, join, api):
    join(algebra, bob)
    assert api(bob).generic("POST", f"/classes/{algebra.pk}/leave").status_code == 200


def test_a_body_with_any_content_is_refused(algebra, bob, join, api):
    join(algebra, bob)
    assert verdict(api(bob).post(f"/classes/{algebra.pk}/leave", {"user_id": bob.pk})) == invalid(
        "user_id", "unknown_field"
    )
    assert status_of(algebra, bob) == "APPROVED"


def test_a_student_who_left_can_only_be_readmitted_by_a_teacher(algebra, bob, join, leave, api):
    join(algebra, bob)
    leave(bob)
    assert verdict(api(bob).post("/join-requests", {"class_code": algebra.class_code})) == ON_RECORD


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED"])
def test_only_an_approved_member_can_leave(algebra, bob, join, leave, status):
    join(algebra, bob, status)
    assert verdict(leave(bob)) == NOT_A_MEMBER
    assert status_of(algebra, bob) == status


@pytest.mark.parametrize("person", ["charlie", "dora", "admin"])
def test_a_user_without_membership_can_not_leave(request, leave, person):
    assert verdict(leave(request.getfixturevalue(person))) == NOT_A_MEMBER


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER"])
def test_an_admin_leaves_a_membership_of_their_own(algebra, alice, admin, leave, role):
    algebra.memberships.enrol(algebra, admin, role, Actor(alice))
    assert leave(admin).status_code == 200
    assert status_of(algebra, admin) == "REMOVED"


def test_the_last_teacher_can_not_leave(algebra, alice, bob, join, leave):
    join(algebra, bob)
    assert verdict(leave(alice)) == LAST_TEACHER
    assert status_of(algebra, alice) == "APPROVED"


def test_the_second_of_two_teachers_can_not_leave(half_past_nine, algebra, alice, dora, leave):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert leave(alice).json() == membership(algebra, alice, "REMOVED", role="TEACHER", joined_at=half_past_nine)
    assert verdict(leave(dora)) == LAST_TEACHER


def test_an_archived_class_can_not_be_left(algebra, alice, bob, join, leave):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    assert verdict(leave(bob)) == ARCHIVED
    assert status_of(algebra, bob) == "APPROVED"
