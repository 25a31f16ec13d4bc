"""POST /classes/{id}/members/approve"""

import pytest
import time_machine

from members.tests.expected import ARCHIVED, NOBODY, membership, status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, invalid_fields, verdict


@pytest.fixture
def approve(algebra, alice, api):
    def post(*user_ids, by=alice, query=""):
        return api(by).post(f"/classes/{algebra.pk}/members/approve{query}", {"user_ids": list(user_ids)})

    return post


def test_a_pending_student_becomes_an_approved_member(half_past_nine, algebra, bob, join, approve):
    join(algebra, bob, "PENDING")
    response = approve(bob.pk)
    assert response.status_code == 200
    assert response.json() == [membership(algebra, bob, "APPROVED", joined_at=half_past_nine)]
    assert status_of(algebra, bob) == "APPROVED"


def test_several_are_approved_at_once_and_answered_in_the_order_asked(
    half_past_nine, algebra, bob, charlie, join, approve
):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, "PENDING")
    assert approve(charlie.pk, bob.pk).json() == [
        membership(algebra, user, "APPROVED", joined_at=half_past_nine) for user in (charlie, bob)
    ]


def test_those_not_named_stay_pending(algebra, bob, charlie, join, approve):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, "PENDING")
    approve(bob.pk)
    assert status_of(algebra, charlie) == "PENDING"


def test_an_approved_student_sees_the_class(algebra, bob, join, approve, api):
    join(algebra, bob, "PENDING")
    approve(bob.pk)
    assert [row["id"] for row in api(bob).get("/classes").json()["results"]] == [algebra.pk]
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == 200


def test_an_admin_may_approve(algebra, bob, admin, join, approve):
    join(algebra, bob, "PENDING")
    assert approve(bob.pk, by=admin).status_code == 200


def test_a_user_can_not_approve_themselves(algebra, bob, join, approve):
    join(algebra, bob, "PENDING")
    assert approve(bob.pk, by=bob).status_code == 403
    assert status_of(algebra, bob) == "PENDING"


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "REMOVED"])
def test_one_user_who_is_not_pending_makes_the_whole_call_a_conflict(algebra, bob, charlie, join, approve, status):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, status)
    assert verdict(approve(bob.pk, charlie.pk)) == conflict("members_not_in_state", ("user_ids[1]", "not_pending"))
    assert (status_of(algebra, bob), status_of(algebra, charlie)) == ("PENDING", status)


def test_each_conflicting_user_is_named(alice, algebra, bob, charlie, dora, join, approve):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, "REJECTED")
    unknown = NOBODY
    assert verdict(approve(charlie.pk, bob.pk, dora.pk, unknown, alice.pk)) == conflict(
        "members_not_in_state",
        ("user_ids[0]", "not_pending"),
        ("user_ids[2]", "no_record"),
        ("user_ids[3]", "no_record"),
        ("user_ids[4]", "not_pending"),
    )
    assert status_of(algebra, bob) == "PENDING"


def test_a_request_for_another_class_is_not_touched(alice, algebra, bob, join, approve):
    other = type(algebra).objects.create_with_teacher(Actor(alice), title="Botany")
    join(other, bob, "PENDING")
    assert verdict(approve(bob.pk)) == conflict("members_not_in_state", ("user_ids[0]", "no_record"))
    assert status_of(other, bob) == "PENDING"


def test_joined_at_stays_the_first_approval(algebra, alice, bob, join, approve):
    with time_machine.travel("2026-03-14T09:30:00Z", tick=False):
        join(algebra, bob, "REMOVED")
    algebra.memberships.reopen(algebra, [bob.pk], Actor(alice))
    with time_machine.travel("2026-04-01T12:00:00Z", tick=False):
        response = approve(bob.pk)
    assert response.json() == [membership(algebra, bob, "APPROVED", joined_at="2026-03-14T09:30:00Z")]


def test_nobody_is_approved_in_an_archived_class(algebra, alice, bob, join, approve):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert verdict(approve(bob.pk)) == ARCHIVED
    assert status_of(algebra, bob) == "PENDING"


# The three batches, approve, reject and reopen, read their body alike.
@pytest.mark.parametrize("verb", ["approve", "reject", "reopen"])
@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("user_ids", "required")]),
        ({"user_ids": None}, [("user_ids", "null")]),
        ({"user_ids": []}, [("user_ids", "min_length")]),
        ({"user_ids": NOBODY}, [("user_ids", "not_a_list")]),
        ({"user_ids": {"0": NOBODY}}, [("user_ids", "not_a_list")]),
        ({"user_ids": [NOBODY, NOBODY]}, [("user_ids[1]", "duplicate")]),
        ({"user_ids": [NOBODY, "usr_456"]}, [("user_ids[1]", "malformed_id")]),
        ({"user_ids": ["cls_" + NOBODY[4:]]}, [("user_ids[0]", "malformed_id")]),
        ({"user_ids": [456]}, [("user_ids[0]", "malformed_id")]),
        ({"user_ids": [[]]}, [("user_ids[0]", "malformed_id")]),
        ({"user_ids": [{}]}, [("user_ids[0]", "malformed_id")]),
        ({"user_ids": [None]}, [("user_ids[0]", "null")]),
        ({"user_ids": [NOBODY[:-3] + f"{number:03}" for number in range(501)]}, [("user_ids", "max_length")]),
        ({"user_ids": [NOBODY], "user_id": NOBODY}, [("user_id", "unknown_field")]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_body_without_one_to_five_hundred_different_ids_is_refused(algebra, alice, api, verb, body, details):
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/members/{verb}", body)) == invalid_fields(details)


def test_five_hundred_are_approved_at_once(algebra, crowd, approve):
    people = crowd(algebra, 500, "PENDING")
    response = approve(*(user.pk for user in people))
    assert [(row["user_id"], row["status"]) for row in response.json()] == [(user.pk, "APPROVED") for user in people]


# Key, class with role; begin, lock, the update, the events, commit.
@pytest.mark.parametrize("count", [1, 100])
def test_one_and_a_hundred_users_cost_the_same_statements(algebra, alice, api, crowd, django_assert_num_queries, count):
    people = crowd(algebra, count, "PENDING")
    teacher = api(alice)
    with django_assert_num_queries(7):
        response = teacher.post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [user.pk for user in people]})
    assert len(response.json()) == count


def test_expand_user_shows_the_people(algebra, bob, join, approve):
    join(algebra, bob, "PENDING")
    [row] = approve(bob.pk, query="?expand=user").json()
    assert row["user"] == {"id": bob.pk, "display_name": "Bob", "email": "bob@example.org"}


def test_a_reopened_teacher_who_is_a_global_student_by_now_is_not_approved_as_teacher(algebra, alice, dora, api):
    members, by = algebra.memberships, Actor(alice)
    members.enrol(algebra, dora, "TEACHER", by)
    members.remove(algebra, dora.pk, by)
    members.reopen(algebra, [dora.pk], by)
    dora.edit(by, global_role="STUDENT")
    response = api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [dora.pk]})
    assert verdict(response) == conflict("members_not_in_state", ("user_ids[0]", "student_cannot_teach"))
    assert members.get(user=dora).status == "PENDING"
