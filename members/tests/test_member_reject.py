"""POST /classes/{id}/members/reject"""

import pytest

from members.tests.expected import ARCHIVED, NOBODY, membership, status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, verdict


@pytest.fixture
def reject(algebra, alice, api):
    def post(*user_ids, by=alice):
        return api(by).post(f"/classes/{algebra.pk}/members/reject", {"user_ids": list(user_ids)})

    return post


def test_a_pending_request_is_rejected(algebra, bob, join, reject):
    join(algebra, bob, "PENDING")
    response = reject(bob.pk)
    assert response.status_code == 200
    assert response.json() == [membership(algebra, bob, "REJECTED")]
    assert status_of(algebra, bob) == "REJECTED"


def test_several_are_rejected_at_once_and_answered_in_the_order_asked(algebra, bob, charlie, join, reject):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, "PENDING")
    assert reject(charlie.pk, bob.pk).json() == [membership(algebra, user, "REJECTED") for user in (charlie, bob)]


def test_an_admin_may_reject(algebra, bob, admin, join, reject):
    join(algebra, bob, "PENDING")
    assert reject(bob.pk, by=admin).status_code == 200


def test_a_rejected_student_does_not_see_the_class(algebra, bob, join, reject, api):
    join(algebra, bob, "PENDING")
    reject(bob.pk)
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == 403
    assert api(bob).get("/classes").json()["results"] == []


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "REMOVED"])
def test_one_user_who_is_not_pending_makes_the_whole_call_a_conflict(algebra, bob, charlie, join, reject, status):
    join(algebra, bob, "PENDING")
    join(algebra, charlie, status)
    assert verdict(reject(bob.pk, charlie.pk)) == conflict("members_not_in_state", ("user_ids[1]", "not_pending"))
    assert (status_of(algebra, bob), status_of(algebra, charlie)) == ("PENDING", status)


def test_each_conflicting_user_is_named(algebra, alice, dora, reject):
    assert verdict(reject(NOBODY, dora.pk, alice.pk)) == conflict(
        "members_not_in_state",
        ("user_ids[0]", "no_record"),
        ("user_ids[1]", "no_record"),
        ("user_ids[2]", "not_pending"),
    )


def test_nobody_is_rejected_in_an_archived_class(algebra, alice, bob, join, reject):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert verdict(reject(bob.pk)) == ARCHIVED
    assert status_of(algebra, bob) == "PENDING"


@pytest.mark.parametrize("count", [1, 100])
def test_one_and_a_hundred_users_cost_the_same_statements(algebra, alice, api, crowd, django_assert_num_queries, count):
    people = crowd(algebra, count, "PENDING")
    teacher = api(alice)
    with django_assert_num_queries(7):
        response = teacher.post(f"/classes/{algebra.pk}/members/reject", {"user_ids": [user.pk for user in people]})
    assert len(response.json()) == count
