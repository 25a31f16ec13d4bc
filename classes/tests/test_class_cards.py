"""Cards of classes: what they say about people and lessons."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classes.cards import class_cards
from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor

HOUR = timedelta(hours=1)


def facts(user, klass):
    [card] = class_cards(user, [klass])
    return card.facts


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_who_can_answer_requests_sees_their_number(request, algebra, crowd, who):
    crowd(algebra, 2)
    crowd(algebra, 3, "PENDING")
    crowd(algebra, 1, "REMOVED")
    assert facts(request.getfixturevalue(who), algebra) == {
        "teachers": ["Alice"],
        "has_more_teachers": False,
        "students": 2,
        "shown_students": "2",
        "is_teacher": who == "alice",
        "can_invite": True,
        "requests": 3,
        "shown_requests": "3",
    }


def test_students_see_no_number_of_requests(bob, algebra, join, crowd):
    join(algebra, bob)
    crowd(algebra, 3, "PENDING")
    assert "requests" not in facts(bob, algebra)


def test_an_archived_class_has_no_requests(alice, algebra, crowd):
    crowd(algebra, 3, "PENDING")
    algebra.archive(Actor(alice))
    assert "requests" not in facts(alice, algebra)


def test_two_teachers_are_named(alice, dora, algebra, make_user):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert (facts(alice, algebra)["teachers"], facts(alice, algebra)["has_more_teachers"]) == (["Alice", "Dora"], False)
    Membership.objects.enrol(algebra, make_user("Emil", "TEACHER"), "TEACHER", Actor(alice))
    assert (facts(alice, algebra)["teachers"], facts(alice, algebra)["has_more_teachers"]) == (["Alice", "Dora"], True)


def test_students_are_counted_up_to_999(monkeypatch, alice, bob, algebra, crowd, join):
    monkeypatch.setattr("members.cards.MANY", 2)
    crowd(algebra, 2)
    assert facts(alice, algebra)["shown_students"] == "2"
    join(algebra, bob)
    assert facts(alice, algebra)["shown_students"] == "2+"


def test_the_next_lesson_is_the_soonest_that_takes_place(alice, algebra, schedule):
    now = timezone.now()
    schedule(klass=algebra, title="Past", start_time=now - 24 * HOUR)
    schedule(klass=algebra, title="Cancelled", start_time=now + HOUR).cancel(Actor(alice))
    schedule(klass=algebra, title="Third", start_time=now + 3 * HOUR)
    schedule(klass=algebra, title="Second", start_time=now + 2 * HOUR)
    assert facts(alice, algebra)["next_lesson"].title == "Second"


def test_a_creator_who_left_the_class_sees_nothing_of_it(alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    assert facts(alice, Class.objects.visible_to(alice).get()) == {}


@pytest.mark.parametrize("count", [1, 30])
def test_cards_cost_two_statements(alice, bob, schedule, join, django_assert_num_queries, count):
    classes = [Class.objects.create_with_teacher(Actor(alice), title=str(number)) for number in range(count)]
    for klass in classes:
        join(klass, bob)
        schedule(klass=klass, start_time=timezone.now() + HOUR)
    with django_assert_num_queries(2):
        cards = class_cards(alice, classes)
    assert [(card.klass, card.facts["students"], card.facts["next_lesson"].klass_id) for card in cards] == [
        (klass, 1, klass.pk) for klass in classes
    ]


def test_no_cards_cost_nothing(alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert class_cards(alice, []) == []
