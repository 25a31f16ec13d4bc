"""GET /events?class_id= as a page: the History tab of a class."""

import re
from html import unescape

import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML, headline
from tutorarc.tests.feed.events import forget_events, write_event


@pytest.fixture
def visit(signed_in, algebra):
    def get(user, query=""):
        return signed_in(user).get(f"/events?class_id={algebra.pk}{query}", headers=HTML)

    return get


def told(page):
    lines = re.findall(r"<li><span>(.*?)</span> <span", page.content.decode(), re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", line)) for line in lines]


def test_every_change_is_a_sentence_with_its_actor_the_latest_first(visit, alice, dora, bob, algebra, join):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    join(algebra, bob, "PENDING")
    Membership.objects.approve(algebra, [bob.pk], Actor(dora))
    page = visit(alice)
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert told(page) == [
        "Dora approved Bob",
        "Bob asked to join",
        "Alice added Dora as a teacher",
        "Alice became the first teacher",
        "Alice created the class",
    ]
    assert len(re.findall("<time ", page.content.decode())) == 5


def test_a_name_leads_to_the_history_of_that_person(visit, alice, bob, charlie, algebra, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    query = f"&user_id={bob.pk}"
    assert f'<a href="/api/v1/events?class_id={algebra.pk}{query}">' in unescape(visit(alice).content.decode())
    page = visit(alice, query)
    assert told(page) == ["Alice approved Bob", "Bob asked to join"]
    assert b'History of <bdi dir="auto">Bob</bdi>' in page.content


def test_people_without_a_record_in_the_class_are_not_named(visit, alice, charlie):
    page = visit(alice, f"&user_id={charlie.pk}")
    assert (page.status_code, told(page), b"Charlie" in page.content) == (200, [], False)
    assert b"Nothing has happened yet." in page.content


def test_pages_lead_to_earlier_events_and_back(visit, signed_in, alice, algebra):
    forget_events()
    for number in range(51):
        write_event("class.updated", algebra, actor_user_id=alice.pk, changes={"title": [f"{number}", "x"]})
    first = visit(alice)
    second = signed_in(alice).get(first.context["next"], headers=HTML)
    assert (len(told(first)), told(second)) == (50, ["Alice renamed the class from 0 to "])
    again = signed_in(alice).get(second.context["previous"], headers=HTML)
    assert (told(again), second.context["next"]) == (told(first), None)


def test_a_change_by_a_program_is_marked(visit, api, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    api(alice).post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]})
    assert [line for line in told(visit(alice)) if "API key" in line] == ["Alice approved Bob with an API key"]


def test_programs_still_read_the_oldest_first(api, signed_in, alice, algebra):
    path = f"/events?class_id={algebra.pk}"
    types = ["class.created", "membership.enrolled"]
    assert [event["type"] for event in api(alice).get(path).json()["results"]] == types
    page = signed_in(alice).get(path, headers=HTML)
    answer = signed_in(alice).get(page.context["as_json"])
    assert [event["type"] for event in answer.json()["results"]] == types


@pytest.mark.parametrize(("person", "what"), [("bob", "page"), ("charlie", "class")])
def test_only_teachers_of_the_class_read_it(request, visit, bob, algebra, join, person, what):
    join(algebra, bob)
    page = visit(request.getfixturevalue(person))
    assert (page.status_code, headline(page)) == (403, f"You don’t have access to this {what}")
    assert 'href="/api/v1/classes">Go to my classes</a>' in page.content.decode()


@pytest.mark.parametrize("query", ["&cursor=x", "&page_size=0", "&user_id=usr_1"])
def test_a_wrong_parameter_is_told_on_the_page(visit, alice, query):
    page = visit(alice, query)
    assert (page.status_code, headline(page), 'role="alert"' in page.content.decode()) == (400, "Algebra", True)


@pytest.mark.parametrize("count", [1, 30])
def test_it_costs_the_same_for_any_number_of_events(
    signed_in, visit, alice, algebra, crowd, django_assert_num_queries, count
):
    people = crowd(algebra, count, "PENDING")
    Membership.objects.approve(algebra, [person.pk for person in people], Actor(alice))
    visit(alice)
    browser = signed_in(alice)
    with django_assert_num_queries(9):
        page = browser.get(f"/events?class_id={algebra.pk}", headers=HTML)
    assert page.status_code == 200
