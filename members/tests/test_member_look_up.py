"""GET /classes/{id}/members/{user_id}"""

import pytest

from members.tests.expected import NO_CLASS, NOBODY, membership
from tutorarc.testing.client import NOT_FOUND, forbidden, verdict


@pytest.fixture
def look_up(algebra, api):
    return lambda user_id, by, query="": api(by).get(f"/classes/{algebra.pk}/members/{user_id}{query}")


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
@pytest.mark.parametrize("by", ["alice", "bob", "admin"])
def test_shows_one_membership_whatever_its_status(request, half_past_nine, algebra, bob, join, look_up, by, status):
    join(algebra, bob, status)
    response = look_up(bob.pk, request.getfixturevalue(by))
    joined_at = half_past_nine if status in ("APPROVED", "REMOVED") else None
    assert (response.status_code, response.json()) == (200, membership(algebra, bob, status, joined_at=joined_at))


def test_adds_the_person_on_demand_as_far_as_the_caller_may_see_them(algebra, alice, bob, charlie, join, look_up):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    person = {"id": charlie.pk, "display_name": "Charlie", "email": "charlie@example.org"}
    assert look_up(charlie.pk, alice, "?expand=user").json()["user"] == person
    assert "user" not in look_up(charlie.pk, bob, "?expand=user").json()


def test_a_person_without_a_record_in_the_class_is_not_found(alice, charlie, look_up):
    assert verdict(look_up(charlie.pk, alice)) == NOT_FOUND


@pytest.mark.parametrize("user_id", [NOBODY, "usr_456", NO_CLASS])
@pytest.mark.parametrize("by", ["alice", "charlie"])
def test_an_unknown_or_malformed_user_id_is_not_found_for_every_role(request, look_up, user_id, by):
    assert verdict(look_up(user_id, request.getfixturevalue(by))) == NOT_FOUND


def test_a_stranger_learns_nothing_of_who_is_on_record(algebra, bob, charlie, dora, join, look_up):
    join(algebra, bob)
    assert verdict(look_up(bob.pk, charlie)) == verdict(look_up(dora.pk, charlie)) == forbidden("not_a_member")


def test_takes_one_statement_for_each_of_key_person_class_and_record(
    algebra, alice, bob, join, api, django_assert_num_queries
):
    join(algebra, bob)
    client, path = api(alice), f"/classes/{algebra.pk}/members/{bob.pk}"
    client.get(path)
    with django_assert_num_queries(4):
        assert client.get(path).status_code == 200
