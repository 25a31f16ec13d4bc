"""Approving and declining on the page: what can be done is done, and who was left out is named."""

import pytest

from members import page_verbs
from members.models import Membership
from members.page_verbs import as_many_as_possible
from tutorarc.domain.events import Actor
from tutorarc.testing.client import verdict
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices


def statuses():
    return dict(Membership.objects.filter(role="STUDENT").values_list("user__display_name", "status"))


@pytest.fixture
def four(algebra, join, make_user):
    """Amy, Ben and Cleo wait; Bob is in."""
    people = [make_user(name) for name in ("Amy", "Ben", "Bob", "Cleo")]
    for person in people:
        join(algebra, person, "APPROVED" if person.display_name == "Bob" else "PENDING")
    return [person.pk for person in people]


@pytest.mark.parametrize(
    ("action", "status", "done"),
    [
        ("approve", "APPROVED", "Amy, Ben and Cleo are in the class now."),
        ("reject", "REJECTED", "The requests of Amy, Ben and Cleo were declined."),
    ],
)
def test_of_four_one_is_in_already_and_the_others_are_answered(post_form, alice, algebra, four, action, status, done):
    page = post_form(alice, f"/classes/{algebra.pk}/members/{action}", user_ids=four)
    assert (page.status_code, notices(page)) == (200, [f"{done} Bob is already in the class."])
    assert statuses() == {"Amy": status, "Ben": status, "Cleo": status, "Bob": "APPROVED"}


def test_the_api_still_answers_all_or_none(api, alice, algebra, four):
    answer = api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": four})
    assert verdict(answer) == (409, "members_not_in_state", [("user_ids[2]", "not_pending")])
    assert set(statuses().values()) == {"PENDING", "APPROVED"}


def test_also_if_a_key_asks_for_html(api, alice, algebra, four):
    asks = {"Accept": "text/html"}
    answer = api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": four}, headers=asks)
    assert answer.status_code == 409
    assert statuses() == {"Amy": "PENDING", "Ben": "PENDING", "Cleo": "PENDING", "Bob": "APPROVED"}


def test_if_nothing_can_be_done_everybody_is_named(post_form, alice, algebra, join, make_user, charlie):
    ids = [charlie.pk]
    for name, status in (("Amy", "APPROVED"), ("Ben", "REJECTED"), ("Cleo", "REMOVED")):
        person = make_user(name)
        join(algebra, person, status)
        ids.append(person.pk)
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve", user_ids=ids)
    assert page.status_code == 409
    assert notices(page) == [
        "Nothing was changed. Amy is already in the class. Ben was already declined. Cleo is no longer in the class. "
        "1 request was withdrawn meanwhile."
    ]
    assert b"Charlie" not in page.content  # who was never in the class


def test_many_people_are_counted(post_form, alice, algebra, crowd):
    people = crowd(algebra, 5, "PENDING")
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve", user_ids=[person.pk for person in people])
    assert notices(page) == ["Pending 0, Pending 1, Pending 2 and 2 others are in the class now."]


class Racing:
    """A verb during which another teacher answers one more request, each time."""

    def __init__(self, klass, rivals):
        self.klass, self.rivals, self.calls = klass, rivals, 0

    def __call__(self, klass, user_ids, by):
        self.calls += 1
        if self.rivals:
            Membership.objects.approve(klass, [self.rivals.pop()], by)
        return Membership.objects.approve(klass, user_ids, by)


def test_requests_that_others_answer_meanwhile_are_left_out_one_after_the_other(alice, algebra, four):
    amy, ben, bob, cleo = four
    verb = Racing(algebra, [ben, amy])
    changed, left_out = as_many_as_possible(verb, algebra, four, Actor(alice))
    assert ([member.user_id for member in changed], left_out, verb.calls) == ([cleo], [amy, ben, bob], 3)


def test_the_number_of_tries_is_bounded(alice, algebra, crowd):
    people = [person.pk for person in crowd(algebra, 20, "PENDING")]
    verb = Racing(algebra, people[1:])
    with pytest.raises(Membership.NotInState):
        as_many_as_possible(verb, algebra, people, Actor(alice))
    assert verb.calls == page_verbs.ROUNDS + 1


@pytest.mark.parametrize("count", [2, 30])
def test_it_costs_the_same_for_any_number_of_people(signed_in, alice, algebra, crowd, django_assert_num_queries, count):
    ids = [person.pk for person in (*crowd(algebra, count, "PENDING"), *crowd(algebra, count))]
    browser = signed_in(alice)
    with django_assert_num_queries(22):
        page = browser.post(f"/classes/{algebra.pk}/members/approve", form(user_ids=ids), FORM, headers=HTML)
    assert page.status_code == 200
