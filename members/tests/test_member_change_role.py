"""PATCH /classes/{id}/members/{user_id}"""

import pytest

from members.tests.expected import ARCHIVED, NO_CLASS, NOBODY, membership, status_of
from members.tests.test_member_enrol import CANNOT_TEACH
from members.tests.test_member_remove import LAST_TEACHER, NOT_APPROVED
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, invalid_fields, verdict


@pytest.fixture
def change(algebra, alice, api):
    def post(user_id, role, by=alice):
        return api(by).patch(f"/classes/{algebra.pk}/members/{user_id}", {"role": role})

    return post


@pytest.fixture
def enrol(algebra, alice):
    return lambda user, role: algebra.memberships.enrol(algebra, user, role, Actor(alice))


def role_of(klass, user):
    return klass.memberships.get(user=user).role


@pytest.mark.parametrize("person", ["dora", "admin"])
def test_a_member_becomes_a_class_teacher(request, half_past_nine, algebra, enrol, change, person):
    user = request.getfixturevalue(person)
    enrol(user, "STUDENT")
    response = change(user.pk, "TEACHER")
    assert response.status_code == 200
    assert response.json() == membership(algebra, user, "APPROVED", role="TEACHER", joined_at=half_past_nine)
    assert role_of(algebra, user) == "TEACHER"


def test_a_class_teacher_becomes_a_student_and_can_no_longer_manage_the_class(
    half_past_nine, algebra, dora, enrol, change
):
    enrol(dora, "TEACHER")
    response = change(dora.pk, "STUDENT", by=dora)
    assert response.json() == membership(algebra, dora, "APPROVED", joined_at=half_past_nine)
    assert change(dora.pk, "TEACHER", by=dora).status_code == 403


@pytest.mark.parametrize("by", ["alice", "admin"])
def test_the_last_teacher_can_not_be_demoted(request, algebra, alice, dora, enrol, change, by):
    enrol(dora, "STUDENT")
    assert verdict(change(alice.pk, "STUDENT", by=request.getfixturevalue(by))) == LAST_TEACHER
    assert role_of(algebra, alice) == "TEACHER"


def test_a_student_can_not_be_a_class_teacher(algebra, bob, join, change):
    join(algebra, bob)
    assert verdict(change(bob.pk, "TEACHER")) == CANNOT_TEACH
    assert role_of(algebra, bob) == "STUDENT"


@pytest.mark.parametrize(("person", "role"), [("alice", "TEACHER"), ("bob", "STUDENT")])
def test_the_same_role_again_changes_nothing(request, half_past_nine, algebra, bob, join, change, person, role):
    user = request.getfixturevalue(person)
    join(algebra, bob)
    response = change(user.pk, role)
    assert response.status_code == 200
    assert response.json()["role"] == role


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED"])
def test_a_record_that_is_not_approved_is_a_conflict(algebra, bob, join, change, status):
    join(algebra, bob, status)
    assert verdict(change(bob.pk, "STUDENT")) == NOT_APPROVED
    assert status_of(algebra, bob) == status


def test_a_person_without_a_record_is_a_conflict(bob, change):
    assert verdict(change(bob.pk, "STUDENT")) == NOT_APPROVED


@pytest.mark.parametrize("user_id", [NOBODY, "usr_456", NO_CLASS])
@pytest.mark.parametrize("by", ["alice", "charlie"])
def test_an_unknown_or_malformed_user_id_is_not_found_for_every_role(request, algebra, change, user_id, by):
    assert verdict(change(user_id, "STUDENT", by=request.getfixturevalue(by))) == NOT_FOUND


def test_nobody_changes_a_role_in_an_archived_class(algebra, alice, dora, enrol, change):
    enrol(dora, "STUDENT")
    algebra.archive(Actor(alice))
    assert verdict(change(dora.pk, "TEACHER")) == ARCHIVED
    assert role_of(algebra, dora) == "STUDENT"


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("role", "required")]),
        ({"role": "OWNER"}, [("role", "invalid_choice")]),
        ({"role": None}, [("role", "null")]),
        ({"role": 1}, [("role", "invalid_choice")]),
        ({"role": "TEACHER", "status": "REMOVED"}, [("status", "unknown_field")]),
    ],
)
def test_a_body_with_anything_but_a_role_is_refused(algebra, alice, api, body, details):
    assert verdict(api(alice).patch(f"/classes/{algebra.pk}/members/{alice.pk}", body)) == invalid_fields(details)


def test_other_methods_on_a_member_are_not_allowed(algebra, alice, api):
    for method in ("POST", "PUT", "DELETE"):
        response = api(alice).generic(method, f"/classes/{algebra.pk}/members/{alice.pk}")
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, PATCH, HEAD, OPTIONS")
