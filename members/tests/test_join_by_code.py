"""POST /join-requests"""

import pytest

from members.tests.expected import ARCHIVED, membership, status_of
from members.tests.test_member_join_request import NOT_A_STUDENT, ON_RECORD, SPELLINGS, WRONG_CODE
from tutorarc.domain.events import Actor
from tutorarc.testing.client import invalid_fields, verdict


def test_a_student_who_has_only_the_code_is_pending_in_its_class(alice, algebra, bob, api):
    other = type(algebra).objects.create_with_teacher(Actor(alice), title="Botany")
    response = api(bob).post("/join-requests", {"class_code": f" {algebra.class_code.lower()} "})
    assert response.status_code == 201
    assert response.json() == membership(algebra, bob, "PENDING")
    assert (status_of(algebra, bob), status_of(other, bob)) == ("PENDING", None)


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_of_the_code_is_accepted(algebra, bob, api, typed):
    response = api(bob).post("/join-requests", {"class_code": typed(algebra.class_code)})
    assert (response.status_code, status_of(algebra, bob)) == (201, "PENDING")


def test_a_code_with_a_short_prefix_is_found_without_its_dash(algebra, alice, bob, api):
    klass = type(algebra).objects.create_with_teacher(Actor(alice), title="C")
    code = klass.class_code.replace("-", "")
    assert api(bob).post("/join-requests", {"class_code": code}).json()["class_id"] == klass.pk


def test_codes_that_differ_only_by_their_dash_are_told_apart_by_it(algebra, alice, bob, charlie, api):
    classes = [type(algebra).objects.create_with_teacher(Actor(alice), title="C") for _ in range(2)]
    for klass, code in zip(classes, ["CBCD-2345", "CB-CD2345"], strict=True):
        type(algebra).objects.filter(pk=klass.pk).update(class_code=code)
    joined = [
        api(person).post("/join-requests", {"class_code": code}).json()["class_id"]
        for person, code in [(bob, "cb-cd2345"), (charlie, "cbcd 2345")]
    ]
    assert joined == [classes[1].pk, classes[0].pk]


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_record_of_any_status_is_a_conflict(algebra, bob, api, join, status):
    join(algebra, bob, status)
    assert verdict(api(bob).post("/join-requests", {"class_code": algebra.class_code})) == ON_RECORD
    assert status_of(algebra, bob) == status


@pytest.mark.parametrize("person", ["alice", "dora", "admin"])
def test_only_the_global_role_student_may_ask(request, algebra, api, person):
    client = api(request.getfixturevalue(person))
    assert verdict(client.post("/join-requests", {"class_code": algebra.class_code})) == NOT_A_STUDENT


def test_a_wrong_code_is_refused(algebra, bob, api):
    assert verdict(api(bob).post("/join-requests", {"class_code": "ALGE-0000"})) == WRONG_CODE


def test_an_archived_class_accepts_no_join_request(alice, algebra, bob, api):
    algebra.archive(Actor(alice))
    assert verdict(api(bob).post("/join-requests", {"class_code": algebra.class_code})) == ARCHIVED
    assert status_of(algebra, bob) is None


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("class_code", "required")]),
        ({"class_code": 7}, [("class_code", "invalid")]),
        ({"class_code": "ALGE-7P4X", "class_id": "cls_123"}, [("class_id", "unknown_field")]),
    ],
)
def test_a_body_with_anything_but_a_code_is_refused(bob, api, body, details):
    assert verdict(api(bob).post("/join-requests", body)) == invalid_fields(details)


def test_expand_user_shows_the_student_without_address(algebra, bob, api):
    response = api(bob).post("/join-requests?expand=user", {"class_code": algebra.class_code})
    assert response.json()["user"] == {"id": bob.pk, "display_name": "Bob"}
