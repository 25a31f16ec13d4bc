"""The header and the tabs of a class: its teachers, what each visitor may do, and how many people are in it."""

import re

import pytest

from classes import tabs
from members import people
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML, headline


@pytest.fixture
def tabs_of(signed_in):
    def read(user, path):
        page = signed_in(user).get(path, headers=HTML)
        assert page.status_code == 200
        return page.context["class_header"]["tabs"]

    return read


@pytest.mark.parametrize(
    ("person", "labels"),
    [
        ("alice", ["Overview", "Lessons", "People", "History", "Settings"]),
        ("admin", ["Overview", "Lessons", "People", "History", "Settings"]),
        ("bob", ["Overview", "Lessons", "People"]),
    ],
)
def test_teachers_have_more_tabs_than_students(tabs_of, request, algebra, join, bob, person, labels):
    join(algebra, bob)
    shown = tabs_of(request.getfixturevalue(person), f"/classes/{algebra.pk}")
    assert [tab["label"] for tab in shown] == labels
    assert [tab["label"] for tab in shown if tab["current"]] == ["Overview"]


def test_the_tabs_link_to_the_resources_of_the_class(tabs_of, alice, algebra):
    assert [tab["href"] for tab in tabs_of(alice, f"/classes/{algebra.pk}")] == [
        f"/api/v1/classes/{algebra.pk}",
        f"/api/v1/sessions?classId={algebra.pk}",
        f"/api/v1/classes/{algebra.pk}/members",
        f"/api/v1/events?class_id={algebra.pk}",
        f"/api/v1/classes/{algebra.pk}/settings",
    ]


def test_the_history_of_a_class_has_its_header(signed_in, alice, algebra):
    page = signed_in(alice).get(f"/events?class_id={algebra.pk}", headers=HTML)
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert re.findall(r'<a href="([^"]*)" aria-current="page">(\w+)<', page.content.decode()) == [
        (f"/api/v1/events?class_id={algebra.pk}", "History")
    ]


def test_people_and_requests_are_counted_up_to_a_limit(tabs_of, alice, bob, charlie, algebra, join, crowd, monkeypatch):
    join(algebra, bob)
    path = f"/classes/{algebra.pk}"
    counts = [tabs_of(alice, path)[2]["count"]]
    for add in (lambda: join(algebra, charlie, "PENDING"), lambda: crowd(algebra, 1, "PENDING")):
        add()
        counts.append(tabs_of(alice, path)[2]["count"])
    monkeypatch.setattr(people, "MANY", 1)
    counts += [tabs_of(person, path)[2]["count"] for person in (alice, bob)]
    assert counts == ["2", "2 · 1 request", "2 · 2 requests", "1+ · 1+ requests", "1+"]


def test_requests_to_an_archived_class_are_not_counted(tabs_of, alice, algebra, crowd):
    crowd(algebra, 1, "PENDING")
    algebra.archive(Actor(alice))
    assert tabs_of(alice, f"/classes/{algebra.pk}")[2]["count"] == "1"


def test_the_header_names_the_first_teachers(signed_in, alice, dora, bob, algebra, join, monkeypatch):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    join(algebra, bob)
    header = signed_in(bob).get(f"/classes/{algebra.pk}", headers=HTML).context["class_header"]
    assert (header["teachers"], header["has_more_teachers"]) == (["Alice", "Dora"], False)
    monkeypatch.setattr(tabs, "TEACHERS_SHOWN", 1)
    page = signed_in(bob).get(f"/classes/{algebra.pk}", headers=HTML)
    assert (page.context["class_header"]["teachers"], b"and others" in page.content) == (["Alice"], True)


def test_teachers_can_invite_and_schedule_until_the_class_is_archived(signed_in, alice, bob, algebra, join):
    join(algebra, bob)

    def has_buttons(user):
        page = signed_in(user).get(f"/classes/{algebra.pk}", headers=HTML).content.decode()
        return ["Schedule lesson" in page, f'href="/classes/{algebra.pk}/invite"' in page]

    shown = [has_buttons(alice), has_buttons(bob)]
    algebra.archive(Actor(alice))
    assert [*shown, has_buttons(alice)] == [[True, True], [False, False], [False, False]]
