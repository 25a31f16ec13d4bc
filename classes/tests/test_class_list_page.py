"""The list of classes in a browser."""

import re

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML, headline, notices, offers


@pytest.fixture
def visit(signed_in):
    def get(user, path="/classes"):
        return signed_in(user).get(path, headers=HTML)

    return get


@pytest.fixture
def make_classes(alice):
    def make(count):
        return [Class.objects.create_with_teacher(Actor(alice), title=f"Class {number}") for number in range(count)]

    return make


def shown(page):
    """What stands above the part for developers."""
    return page.content.decode().partition('<details class="developers">')[0]


def titles(page):
    return [card.klass.title for card in page.context["cards"]]


@pytest.mark.parametrize(
    ("person", "address", "label"),
    [
        ("alice", "/classes/new", "Create class"),
        ("admin", "/classes/new", "Create class"),
        ("bob", "/j", "Join a class"),
    ],
)
def test_teachers_create_classes_and_students_join_them(visit, request, algebra, person, address, label):
    page = visit(request.getfixturevalue(person))
    assert (page.status_code, headline(page), offers(page)) == (200, "Classes", [])
    assert f'<a class="button" href="{address}">{label}</a>' in shown(page)


def test_active_and_archived_classes_have_tabs(visit, alice, make_classes):
    _active, archived = make_classes(2)
    archived.archive(Actor(alice))
    page = visit(alice)
    assert titles(page) == ["Class 0"]
    assert re.findall(r'<a href="(/api/v1/classes\?[^"]+)"( aria-current="page")?>', shown(page)) == [
        ("/api/v1/classes?status=ACTIVE", ' aria-current="page"'),
        ("/api/v1/classes?status=ARCHIVED", ""),
    ]
    page = visit(alice, "/classes?status=ARCHIVED")
    assert titles(page) == ["Class 1"]
    assert '<span class="badge">Archived</span>' in shown(page)


def test_the_part_for_developers_links_to_the_same_answer(visit, alice, make_classes, api):
    _active, archived = make_classes(2)
    archived.archive(Actor(alice))
    page = visit(alice)
    assert page.context["as_json"] == "/api/v1/classes?format=json&status=ACTIVE"
    assert [klass["title"] for klass in api(alice).get("/classes?status=ACTIVE").json()["results"]] == titles(page)
    assert [klass["title"] for klass in api(alice).get("/classes").json()["results"]] == ["Class 1", "Class 0"]


@pytest.mark.parametrize(("count", "is_offered"), [(7, False), (8, True)])
def test_a_search_is_offered_from_eight_classes_on(visit, alice, make_classes, count, is_offered):
    make_classes(count)
    assert ('role="search"' in shown(visit(alice))) is is_offered


def test_a_search_without_result_leads_back(visit, alice, algebra):
    page = visit(alice, "/classes?search=botany&status=ACTIVE")
    assert titles(page) == []
    assert '<a class="button" href="/api/v1/classes?status=ACTIVE">Show all</a>' in shown(page)


def test_pages_say_which_classes_they_show(visit, alice, make_classes):
    make_classes(5)
    first = visit(alice, "/classes?page_size=2")
    second = visit(alice, first.context["next"].removeprefix("http://testserver"))
    last = visit(alice, second.context["next"].removeprefix("http://testserver"))
    assert [page.context["range"] for page in (first, second, last)] == [(1, 2, 5), (3, 4, 5), (5, 5, 5)]
    assert "1–2 of 5" in shown(first)


def test_a_single_page_and_a_search_say_no_range(visit, alice, make_classes):
    make_classes(3)
    pages = (visit(alice), visit(alice, "/classes?search=class&page_size=2"))
    assert [page.context.get("range") for page in pages] == [None, None]


def test_many_classes_are_not_counted(visit, monkeypatch, alice, make_classes):
    monkeypatch.setattr("classes.list_page.MOST_COUNTED", 5)
    make_classes(4)
    assert visit(alice, "/classes?page_size=2").context["range"] == (1, 2, 4)
    make_classes(1)
    assert visit(alice, "/classes?page_size=2").context["range"] is None


@pytest.mark.parametrize(
    ("person", "path", "words", "address"),
    [
        ("alice", "", "No class yet", "/classes/new"),
        ("bob", "", "You are not in a class yet", "/j"),
        ("alice", "?status=ARCHIVED", "No archived class", None),
    ],
)
def test_an_empty_list_says_what_to_do(visit, request, person, path, words, address):
    html = shown(visit(request.getfixturevalue(person), f"/classes{path}")).partition('<section class="card empty">')[2]
    assert f"<h2>{words}</h2>" in html
    assert re.findall(r'<a class="button" href="([^"]+)"', html) == ([address] if address else [])


def test_a_wrong_filter_is_told(visit, alice, algebra):
    page = visit(alice, "/classes?created_after=yesterday")
    assert (page.status_code, page.context["cards"], len(notices(page))) == (400, [], 1)


def test_filters_that_the_page_does_not_offer_work(visit, alice, algebra):
    assert titles(visit(alice, "/classes?search=&created_after=2020-01-01&created_before=")) == ["Algebra"]
    assert titles(visit(alice, "/classes?created_before=2020-01-01")) == []


def test_a_teacher_who_left_still_finds_the_class_but_no_link_to_it(visit, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    page = visit(alice)
    assert titles(page) == ["Algebra"]
    assert "You created this class, but you are no longer in it." in shown(page)
    assert algebra.class_code not in page.content.decode()
    assert f"/api/v1/classes/{algebra.pk}" not in shown(page)
    assert visit(alice, f"/classes/{algebra.pk}").status_code == 403


@pytest.mark.parametrize("count", [1, 29])
@pytest.mark.parametrize(("person", "queries"), [("alice", 5), ("bob", 5), ("admin", 5)])
def test_the_page_costs_the_same_for_any_length(
    request, alice, bob, join, signed_in, make_classes, django_assert_num_queries, person, queries, count
):
    for klass in make_classes(count):
        join(klass, bob)
    browser = signed_in(request.getfixturevalue(person))
    with django_assert_num_queries(queries):
        page = browser.get("/classes?page_size=29", headers=HTML)
    assert len(page.context["cards"]) == count


def test_one_of_several_pages_costs_one_statement_more(alice, signed_in, make_classes, django_assert_num_queries):
    make_classes(3)
    browser = signed_in(alice)
    with django_assert_num_queries(6):
        browser.get("/classes?page_size=2", headers=HTML)
