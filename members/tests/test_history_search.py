"""/classes/{id}/history?name=: the history of one person, found by name."""

import pytest

from members.models import Membership
from tutorarc.domain.events import Actor


@pytest.fixture
def search(client, algebra):
    def get(user, name):
        client.force_login(user)
        return client.get(f"/classes/{algebra.pk}/history", {"name": name})

    return get


def history(algebra, user=None):
    return f"/api/v1/events?class_id={algebra.pk}" + (f"&user_id={user.pk}" if user else "")


def names(page):
    return [member.user.display_name for member in page.context["people"]]


def test_a_name_leads_to_the_history_of_its_person(search, alice, bob, algebra, join):
    join(algebra, bob)
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    assert search(alice, " BO ")["Location"] == history(algebra, bob)


def test_several_people_are_offered_a_to_z(search, alice, algebra, make_user, join):
    for name in ("Zoë Bell", "Amy Bell"):
        join(algebra, make_user(name))
    page = search(alice, "bell")
    assert (page.status_code, names(page)) == (200, ["Amy Bell", "Zoë Bell"])
    assert [page.content.decode().count(f"user_id={member.user_id}") for member in page.context["people"]] == [1, 1]


def test_an_unknown_name_is_said(search, alice, bob, algebra):
    page = search(alice, "Bob")
    assert (names(page), "in this class" in page.content.decode()) == ([], True)


def test_without_a_name_the_whole_history_is_shown(search, alice, algebra):
    assert search(alice, " \0")["Location"] == history(algebra)


@pytest.mark.parametrize("who", ["bob", "dora"])
def test_only_teachers_of_the_class_look(search, request, bob, algebra, join, who):
    join(algebra, bob)
    assert search(request.getfixturevalue(who), "Alice").status_code == 403


@pytest.mark.parametrize("number", [2, 60])
def test_many_people_cost_as_much_as_two(search, client, alice, algebra, crowd, django_assert_num_queries, number):
    crowd(algebra, number)
    search(alice, "e")
    with django_assert_num_queries(4):
        page = client.get(f"/classes/{algebra.pk}/history?name=e")
    assert (len(names(page)), page.context["has_more"]) == (min(number + 1, 50), number == 60)


def test_the_history_tab_has_the_field(client, alice, algebra):
    client.force_login(alice)
    page = client.get(history(algebra), headers={"accept": "text/html"}).content.decode()
    assert f'<form method="get" action="/classes/{algebra.pk}/history"' in page
