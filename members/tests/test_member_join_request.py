"""POST /classes/{id}/join-request"""

import pytest

from members.tests.expected import ARCHIVED, NO_CLASS, NOBODY, membership, status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, conflict, forbidden, invalid, invalid_fields, verdict

NOT_A_STUDENT = forbidden("wrong_role")
WRONG_CODE = invalid("class_code", "wrong_code")
ON_RECORD = conflict("already_on_record")


@pytest.fixture
def request_to_join(algebra, api):
    """`request_to_join(user, code)`: a join request for Alice's class, with its code unless another is given."""

    def post(user, code=None, query=""):
        body = {"class_code": algebra.class_code if code is None else code}
        return api(user).post(f"/classes/{algebra.pk}/join-request{query}", body)

    return post


def test_a_student_asks_with_the_code_and_is_pending(algebra, bob, request_to_join):
    response = request_to_join(bob)
    assert response.status_code == 201
    assert response.json() == membership(algebra, bob, "PENDING")
    assert status_of(algebra, bob) == "PENDING"


def test_a_pending_student_does_not_see_the_class_yet(algebra, bob, request_to_join, api):
    request_to_join(bob)
    assert api(bob).get("/classes").json()["results"] == []
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == 403


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_record_of_any_status_is_a_conflict(algebra, bob, request_to_join, join, status):
    join(algebra, bob, status)
    assert verdict(request_to_join(bob)) == ON_RECORD
    assert status_of(algebra, bob) == status


@pytest.mark.parametrize("person", ["alice", "dora", "admin"])
def test_only_the_global_role_student_may_ask(request, algebra, request_to_join, person):
    assert verdict(request_to_join(request.getfixturevalue(person))) == NOT_A_STUDENT
    assert algebra.memberships.count() == 1


SPELLINGS = [
    str.lower,
    lambda code: f"  {code}\t",
    lambda code: code.replace("-", ""),
    lambda code: code.replace("-", "–"),
    lambda code: code.replace("-", " \u2212 "),
    lambda code: f"\u202a{code}\u202c\u200b",
    lambda code: "".join(chr(ord(character) + 0xFEE0) for character in code),  # full width
]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_of_the_code_is_accepted(algebra, bob, request_to_join, typed):
    assert request_to_join(bob, typed(algebra.class_code)).status_code == 201


@pytest.mark.parametrize("wrong", ["ALGE-0000", "ALGE", "' OR 1=1", "АLGE-7P4X", "%", "💥"])
def test_a_wrong_code_is_refused(algebra, bob, request_to_join, wrong):
    assert verdict(request_to_join(bob, wrong)) == WRONG_CODE
    assert status_of(algebra, bob) is None


def test_the_code_of_another_class_is_refused(alice, algebra, bob, request_to_join):
    other = type(algebra).objects.create_with_teacher(Actor(alice), title="Botany")
    assert verdict(request_to_join(bob, other.class_code)) == WRONG_CODE
    assert (status_of(algebra, bob), status_of(other, bob)) == (None, None)


def test_a_new_code_makes_the_old_one_invalid(alice, algebra, bob, request_to_join):
    renewed = algebra.renew_code(Actor(alice))
    assert verdict(request_to_join(bob, algebra.class_code)) == WRONG_CODE
    assert request_to_join(bob, renewed.class_code).status_code == 201


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("class_code", "required")]),
        ({"class_code": ""}, [("class_code", "blank")]),
        ({"class_code": "   "}, [("class_code", "blank")]),
        ({"class_code": None}, [("class_code", "null")]),
        ({"class_code": 1234}, [("class_code", "invalid")]),
        ({"class_code": ["ALGE-7P4X"]}, [("class_code", "invalid")]),
        ({"class_code": "A" * 41}, [("class_code", "max_length")]),
        ({"class_code": "ALGE\0"}, [("class_code", "null_characters_not_allowed")]),
        ({"code": "ALGE-7P4X"}, [("class_code", "required"), ("code", "unknown_field")]),
    ],
)
def test_a_body_without_a_code_is_refused(algebra, bob, api, body, details):
    assert verdict(api(bob).post(f"/classes/{algebra.pk}/join-request", body)) == invalid_fields(details)


@pytest.mark.parametrize("class_id", [NO_CLASS, "cls_123", NOBODY])
def test_an_unknown_or_malformed_class_is_not_found(algebra, bob, api, class_id):
    response = api(bob).post(f"/classes/{class_id}/join-request", {"class_code": algebra.class_code})
    assert verdict(response) == NOT_FOUND


def test_an_archived_class_accepts_no_join_request(alice, algebra, bob, request_to_join):
    algebra.archive(Actor(alice))
    assert verdict(request_to_join(bob)) == ARCHIVED
    assert status_of(algebra, bob) is None


def test_an_archived_class_does_not_confirm_a_guessed_code(alice, algebra, bob, request_to_join):
    algebra.archive(Actor(alice))
    assert verdict(request_to_join(bob, "ALGE-0000")) == WRONG_CODE


def test_expand_user_shows_the_student_without_address(algebra, bob, request_to_join):
    user = {"id": bob.pk, "display_name": "Bob"}
    assert request_to_join(bob, query="?expand=user").json() == {**membership(algebra, bob, "PENDING"), "user": user}
