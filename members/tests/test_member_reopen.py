"""POST /classes/{id}/members/reopen"""

import pytest

from members.tests.expected import ARCHIVED, membership, status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, verdict


@pytest.fixture
def reopen(algebra, alice, api):
    def post(*user_ids, by=alice):
        return api(by).post(f"/classes/{algebra.pk}/members/reopen", {"user_ids": list(user_ids)})

    return post


def test_a_rejected_student_is_pending_again(algebra, bob, join, reopen):
    join(algebra, bob, "REJECTED")
    response = reopen(bob.pk)
    assert response.status_code == 200
    assert response.json() == [membership(algebra, bob, "PENDING")]
    assert status_of(algebra, bob) == "PENDING"


def test_a_removed_student_is_pending_again_and_keeps_joined_at(half_past_nine, algebra, bob, join, reopen):
    join(algebra, bob, "REMOVED")
    assert reopen(bob.pk).json() == [membership(algebra, bob, "PENDING", joined_at=half_past_nine)]


def test_a_removed_student_comes_back_by_reopening_and_approval(algebra, alice, bob, join, reopen, api):
    join(algebra, bob, "REMOVED")
    assert api(bob).post("/join-requests", {"class_code": algebra.class_code}).status_code == 409
    reopen(bob.pk)
    assert api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]}).status_code == 200
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == 200


def test_rejected_and_removed_are_reopened_together_in_the_order_asked(
    half_past_nine, algebra, bob, charlie, join, reopen
):
    join(algebra, bob, "REJECTED")
    join(algebra, charlie, "REMOVED")
    assert reopen(charlie.pk, bob.pk).json() == [
        membership(algebra, charlie, "PENDING", joined_at=half_past_nine),
        membership(algebra, bob, "PENDING"),
    ]


def test_a_user_can_not_reopen_their_own_membership(algebra, bob, join, reopen):
    join(algebra, bob, "REMOVED")
    assert reopen(bob.pk, by=bob).status_code == 403
    assert status_of(algebra, bob) == "REMOVED"


def test_an_admin_may_reopen(algebra, bob, admin, join, reopen):
    join(algebra, bob, "REJECTED")
    assert reopen(bob.pk, by=admin).status_code == 200


@pytest.mark.parametrize("status", ["PENDING", "APPROVED"])
def test_one_user_who_is_neither_rejected_nor_removed_makes_the_whole_call_a_conflict(
    algebra, bob, charlie, dora, join, reopen, status
):
    join(algebra, bob, "REJECTED")
    join(algebra, charlie, status)
    assert verdict(reopen(bob.pk, charlie.pk, dora.pk)) == conflict(
        "members_not_in_state", ("user_ids[1]", "not_rejected_or_removed"), ("user_ids[2]", "no_record")
    )
    assert (status_of(algebra, bob), status_of(algebra, charlie)) == ("REJECTED", status)


def test_nobody_is_reopened_in_an_archived_class(algebra, alice, bob, join, reopen):
    join(algebra, bob, "REJECTED")
    algebra.archive(Actor(alice))
    assert verdict(reopen(bob.pk)) == ARCHIVED
    assert status_of(algebra, bob) == "REJECTED"


@pytest.mark.parametrize("count", [1, 100])
def test_one_and_a_hundred_users_cost_the_same_statements(algebra, alice, api, crowd, django_assert_num_queries, count):
    people = crowd(algebra, count, "REJECTED")
    teacher = api(alice)
    with django_assert_num_queries(8):
        response = teacher.post(f"/classes/{algebra.pk}/members/reopen", {"user_ids": [user.pk for user in people]})
    assert len(response.json()) == count


def test_two_previous_statuses_cost_one_statement_more_than_one(algebra, alice, api, crowd, django_assert_num_queries):
    people = crowd(algebra, 50, "REJECTED") + crowd(algebra, 50, "REMOVED")
    teacher = api(alice)
    with django_assert_num_queries(9):
        teacher.post(f"/classes/{algebra.pk}/members/reopen", {"user_ids": [user.pk for user in people]})
