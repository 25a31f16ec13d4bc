"""A page whose rows are gone meanwhile still links to the rows that are left (docs/contract.md, "Lists")."""

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.api.pages import links, titles, walk

ORDERS = pytest.mark.parametrize(("ordering", "order"), [("created_at", "abcdef"), ("-title", "fedcba")])


@pytest.fixture
def archive(alice):
    """Archive classes by title: lists of the active ones lose those rows."""

    def apply(*titles):
        for klass in Class.objects.filter(title__in=titles):
            klass.archive(Actor(alice))

    return apply


@pytest.fixture
def second_page(get, make_class):
    """The second of three pages with two classes each, named a to f."""

    def read(ordering):
        make_class(*"abcdef")
        return get(get("/classes", ordering=ordering, page_size=2, status="ACTIVE")["next"])

    return read


@ORDERS
def test_the_last_page_emptied_links_back_to_all_rows_left(get, second_page, archive, ordering, order):
    second = second_page(ordering)
    archive(*order[4:])
    emptied = get(second["next"])
    assert (titles(emptied), links(emptied)) == ([], ["previous"])
    back = get(emptied["previous"])
    assert titles(back) == list(order[2:4])  # with the row at the cursor's position
    assert titles(get(back["previous"])) == list(order[:2])


@ORDERS
def test_the_first_page_emptied_links_on_to_all_rows_left(get, second_page, archive, ordering, order):
    second = second_page(ordering)
    archive(*order[:2])
    emptied = get(second["previous"])
    assert (titles(emptied), links(emptied)) == ([], ["next"])
    ahead = get(emptied["next"])
    assert titles(ahead) == list(order[2:4])
    assert titles(get(ahead["next"])) == list(order[4:])


@pytest.mark.parametrize("left", ["", "a", "c", "f", "ad", "bf", "cd"])
@pytest.mark.parametrize("link", ["previous", "next"])
def test_following_links_from_a_page_that_lost_rows_reaches_each_row_left_once(get, second_page, archive, left, link):
    """The rows left are before the page, on it or after it."""
    second = second_page("title")
    archive(*set("abcdef") - set(left))
    page = get(second[link])
    back, ahead = walk(get, page, "previous"), walk(get, page, "next")
    reached = [title for one in [*reversed(back), *ahead[1:]] for title in titles(one)]
    from_both_ends = walk(get, back[-1], "next") + walk(get, ahead[-1], "previous")
    assert sorted(reached) == list(left)
    assert {title for one in from_both_ends for title in titles(one)} == set(left)


def test_an_emptied_list_has_no_links(get, make_class, archive):
    make_class(*"abc")
    first = get("/classes", ordering="title", page_size=1, status="ACTIVE")
    archive(*"abc")
    emptied = get(first["next"])
    assert (titles(emptied), links(emptied)) == ([], [])


@pytest.mark.parametrize("ordering", ["created_at", "title"])
def test_a_list_without_filters_does_so_too(api, alice, bob, algebra, join, ordering):
    """The frequent reads have SQL of their own."""
    biology = Class.objects.create_with_teacher(Actor(alice), title="Biology")
    for klass in (algebra, biology):
        join(klass, bob)
    client = api(bob)
    first = client.get("/classes", {"page_size": 1, "ordering": ordering}).json()
    Membership.objects.remove(biology, bob.pk, Actor(alice))
    emptied = client.get(first["next"].removeprefix("http://testserver")).json()
    assert (titles(emptied), links(emptied)) == ([], ["previous"])
    assert titles(client.get(emptied["previous"].removeprefix("http://testserver")).json()) == ["Algebra"]


def test_members_do_so_too(get, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    first = get(f"/classes/{algebra.pk}/members", page_size=1)
    Membership.objects.filter(user=bob).delete()
    emptied = get(first["next"])
    assert (emptied["results"], links(emptied)) == ([], ["previous"])
    assert [row["user_id"] for row in get(emptied["previous"])["results"]] == [alice.pk]


def test_a_page_with_rows_costs_no_further_query(get, make_class, django_assert_num_queries):
    make_class("a", "b", "c")
    get("/classes")
    with django_assert_num_queries(2):
        get("/classes", page_size=2)
