"""GET /classes/{id}/members/me"""

import pytest

from members.models import Membership
from members.tests.expected import NO_CLASS, membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, forbidden, verdict
from tutorarc.tests.browser.browsing import HTML, headline


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/members/me"


@pytest.mark.parametrize(
    ("status", "position"), [("PENDING", 1), ("APPROVED", None), ("REJECTED", None), ("REMOVED", None)]
)
def test_shows_the_own_membership_whatever_its_status(half_past_nine, api, bob, algebra, join, path, status, position):
    join(algebra, bob, status)
    joined_at = half_past_nine if status in ("APPROVED", "REMOVED") else None
    answer = api(bob).get(path)
    expected = membership(algebra, bob, status, joined_at=joined_at) | {"position": position}
    assert (answer.status_code, answer.json()) == (200, expected)


def test_the_position_counts_those_who_wait_longer(api, alice, algebra, make_user, join, path):
    people = [make_user(f"Student{number}") for number in range(4)]
    for person in people:
        join(algebra, person, "PENDING")
    Membership.objects.approve(algebra, [people[0].pk], Actor(alice))
    assert [api(person).get(path).json()["position"] for person in people] == [None, 1, 2, 3]


def test_nobody_without_a_record_has_one(api, admin, charlie, path):
    assert [verdict(api(person).get(path)) for person in (admin, charlie)] == [forbidden("not_a_member")] * 2
    assert verdict(api(charlie).get(f"/classes/{NO_CLASS}/members/me")) == NOT_FOUND


def test_its_cost_is_flat(api, bob, algebra, crowd, join, path, django_assert_num_queries):
    crowd(algebra, 20, "PENDING")
    join(algebra, bob, "PENDING")
    client = api(bob)
    with django_assert_num_queries(4):
        assert client.get(path).json()["position"] == 21


def test_its_page_is_that_of_the_class(signed_in, bob, charlie, algebra, join, path):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    assert headline(signed_in(bob).get(path, headers=HTML)) == "Algebra"
    assert "Waiting for approval." in signed_in(charlie).get(path, headers=HTML).content.decode()
