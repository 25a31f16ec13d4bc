"""POST /classes/{id}/members"""

import pytest

from classes.models import Class
from members.tests.expected import ARCHIVED, NOBODY, membership, status_of
from members.tests.test_member_join_request import ON_RECORD
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, invalid_fields, verdict

UNKNOWN = conflict("unknown_person")
INVITE_INSTEAD = conflict("invite_instead")
CANNOT_TEACH = conflict("student_cannot_teach")


@pytest.fixture
def enrol(algebra, alice, api):
    def post(by=alice, **body):
        return api(by).post(f"/classes/{algebra.pk}/members", body)

    return post


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ("bob", "STUDENT"),
        ("dora", "STUDENT"),
        ("admin", "STUDENT"),
        ("dora", "TEACHER"),
        ("admin", "TEACHER"),
    ],
)
def test_a_person_is_approved_at_once(request, half_past_nine, algebra, alice, known_to, enrol, person, role):
    user = request.getfixturevalue(person)
    known_to(alice, user)
    response = enrol(user_id=user.pk, role=role)
    assert response.status_code == 201
    assert response.json() == membership(algebra, user, "APPROVED", role=role, joined_at=half_past_nine)
    assert status_of(algebra, user) == "APPROVED"


@pytest.mark.parametrize("email", ["bob@example.org", "Bob@Example.ORG", " bob@example.org "])
def test_a_person_is_found_by_address_ignoring_case(half_past_nine, algebra, alice, bob, known_to, enrol, email):
    known_to(alice, bob)
    response = enrol(email=email, role="STUDENT")
    assert response.status_code == 201
    assert response.json() == membership(algebra, bob, "APPROVED", joined_at=half_past_nine)


def test_a_co_teacher_can_manage_the_class(alice, dora, bob, known_to, enrol):
    known_to(alice, dora)
    known_to(dora, bob)
    enrol(user_id=dora.pk, role="TEACHER")
    assert enrol(by=dora, user_id=bob.pk, role="STUDENT").status_code == 201


def test_a_teacher_enrolled_as_student_can_not_manage_the_class(alice, dora, bob, known_to, enrol):
    known_to(alice, dora)
    known_to(dora, bob)
    enrol(user_id=dora.pk, role="STUDENT")
    assert enrol(by=dora, user_id=bob.pk, role="STUDENT").status_code == 403


def test_an_admin_may_enrol(bob, admin, enrol):
    assert enrol(by=admin, user_id=bob.pk, role="STUDENT").status_code == 201


@pytest.mark.parametrize("by", ["alice", "admin"])
def test_a_student_can_not_be_a_class_teacher(request, algebra, alice, bob, known_to, enrol, by):
    known_to(alice, bob)
    assert verdict(enrol(by=request.getfixturevalue(by), user_id=bob.pk, role="TEACHER")) == CANNOT_TEACH
    assert status_of(algebra, bob) is None


def test_an_admin_is_told_that_a_person_does_not_exist(admin, enrol):
    assert verdict(enrol(by=admin, user_id=NOBODY, role="STUDENT")) == UNKNOWN
    assert verdict(enrol(by=admin, email="nobody@example.org", role="STUDENT")) == UNKNOWN


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER"])
@pytest.mark.parametrize("email", ["bob@example.org", "dora@example.org", "admin@example.org", "nobody@example.org"])
def test_a_teacher_learns_nothing_about_people_of_other_classes(
    algebra, alice, bob, charlie, dora, admin, known_to, enrol, email, role
):
    known_to(alice, charlie)
    known_to(dora, bob, alice)  # a class where Alice is a student
    known_to(admin, dora)
    assert verdict(enrol(email=email, role=role)) == INVITE_INSTEAD
    ids = {user.email: user.pk for user in (bob, dora, admin)}
    assert verdict(enrol(user_id=ids.get(email, NOBODY), role=role)) == INVITE_INSTEAD
    assert algebra.memberships.count() == 1


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_teacher_who_may_see_the_address_is_told_that_the_person_is_on_record(algebra, bob, join, enrol, status):
    join(algebra, bob, status)
    assert verdict(enrol(email=bob.email, role="STUDENT")) == ON_RECORD


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER"])
def test_a_teacher_confirms_no_guessed_address_of_a_member(algebra, alice, bob, dora, enrol, role):
    """Alice added both by their ids, so she may not see their addresses."""
    algebra.memberships.enrol(algebra, bob, "STUDENT", Actor(alice))
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert [verdict(enrol(email=user.email, role=role)) for user in (bob, dora)] == [INVITE_INSTEAD] * 2
    assert verdict(enrol(email=alice.email, role=role)) == ON_RECORD
    assert verdict(enrol(user_id=dora.pk, role=role)) == ON_RECORD


def test_a_teacher_confirms_no_guessed_address_of_a_student_by_the_role(alice, bob, known_to, enrol):
    known_to(alice, bob)
    assert verdict(enrol(email=bob.email, role="TEACHER")) == INVITE_INSTEAD
    assert verdict(enrol(email=bob.email.upper(), role="TEACHER")) == INVITE_INSTEAD


def test_an_address_that_another_teacher_gave_is_not_confirmed(algebra, alice, bob, dora, enrol):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice), dora.email)
    algebra.memberships.enrol(algebra, bob, "STUDENT", Actor(dora), bob.email)
    assert verdict(enrol(email=bob.email, role="STUDENT")) == INVITE_INSTEAD
    assert verdict(enrol(by=dora, email=bob.email, role="STUDENT")) == ON_RECORD


@pytest.mark.parametrize("end", ["remove", "demote"])
def test_a_teacher_finds_nobody_by_a_class_that_they_no_longer_teach(alice, bob, dora, admin, known_to, enrol, end):
    known_to(alice, bob)
    [known] = Class.objects.filter(title="Known people")
    known.memberships.enrol(known, dora, "TEACHER", Actor(admin))
    if end == "remove":
        known.memberships.remove(known, alice.pk, Actor(dora))
    else:
        known.memberships.change_role(known, alice.pk, "STUDENT", Actor(dora))
    assert verdict(enrol(user_id=bob.pk, role="STUDENT")) == INVITE_INSTEAD


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED"])
def test_a_record_of_any_status_in_another_class_is_enough(alice, bob, join, enrol, status):
    join(Class.objects.create_with_teacher(Actor(alice), title="Botany"), bob, status)
    assert enrol(email=bob.email, role="STUDENT").status_code == 201


def test_known_and_unknown_people_cost_the_same_statements(alice, bob, dora, api, algebra, django_assert_num_queries):
    teacher = api(alice)
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    for email in (bob.email, dora.email, "nobody@example.org"):
        with django_assert_num_queries(3):  # the key, the class, the person
            teacher.post(f"/classes/{algebra.pk}/members", {"email": email, "role": "STUDENT"})


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_record_of_any_status_is_a_conflict(algebra, bob, join, enrol, status):
    join(algebra, bob, status)
    assert verdict(enrol(user_id=bob.pk, role="STUDENT")) == ON_RECORD
    assert status_of(algebra, bob) == status


def test_a_user_is_not_enrolled_in_an_archived_class(algebra, alice, bob, enrol):
    algebra.archive(Actor(alice))
    assert verdict(enrol(user_id=bob.pk, role="STUDENT")) == ARCHIVED
    assert status_of(algebra, bob) is None


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({"role": "STUDENT"}, [("", "user_id_or_email")]),
        ({"role": "STUDENT", "user_id": NOBODY, "email": "bob@example.org"}, [("", "user_id_or_email")]),
        ({"user_id": NOBODY}, [("role", "required")]),
        ({"user_id": NOBODY, "role": "student"}, [("role", "invalid_choice")]),
        ({"user_id": NOBODY, "role": "ADMIN"}, [("role", "invalid_choice")]),
        ({"user_id": NOBODY, "role": None}, [("role", "null")]),
        ({"user_id": NOBODY, "role": ["STUDENT"]}, [("role", "invalid_choice")]),
        ({"user_id": "usr_456", "role": "STUDENT"}, [("user_id", "malformed_id")]),
        ({"user_id": None, "role": "STUDENT"}, [("user_id", "null")]),
        ({"email": "bob", "role": "STUDENT"}, [("email", "invalid")]),
        ({"email": 5, "role": "STUDENT"}, [("email", "invalid")]),
        ({"email": "", "role": "STUDENT"}, [("email", "blank")]),
        ({"user_id": NOBODY, "role": "STUDENT", "status": "PENDING"}, [("status", "unknown_field")]),
    ],
)
def test_a_body_without_one_person_and_a_role_is_refused(algebra, alice, api, body, details):
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/members", body)) == invalid_fields(details)


def test_a_deleted_user_is_nobody(api, admin, algebra, bob, delete_account):
    delete_account(bob)
    response = api(admin).post(f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": "STUDENT"})
    assert verdict(response) == conflict("unknown_person")
