"""The home page for a visitor and for each role: the next lessons, and the classes of the user."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from classes.models import Class
from sessions.home_parts import SOONEST
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.tests.db.large_tables import count_rows, fill_sessions

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def make_class(alice):
    return lambda title, teacher=alice: Class.objects.create_with_teacher(Actor(teacher), title=title)


def home(client, user):
    client.force_login(user)
    return client.get("/")


def coming(page):
    return [session.title for session in page.context["coming"]]


def cards(page):
    return [card.klass.title for card in page.context["cards"]]


# A visitor


def test_a_visitor_sees_what_it_is_without_a_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/")
    html = page.content.decode()
    assert page.templates[0].name == "tutorarc/welcome.html"
    assert '<a class="button" href="/accounts/login/">Sign in</a>' in html
    assert re.findall(r'<form method="(\w+)" action="([^"]*)">', html) == [("get", "/j")]
    assert "curl -X POST http://testserver/api/v1/classes" in html


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_home_page_accepts_get_only(client, db, method):
    assert getattr(client, method)("/").status_code == 405


# Everyone


def test_the_home_page_is_not_cached(client, bob):
    assert "no-store" in home(client, bob)["Cache-Control"]


def test_a_name_is_escaped(client, make_user):
    user = make_user("Eve")
    user.edit(Actor(user), display_name="<b>Eve</b>")
    assert '<h1>Hello, <bdi dir="auto">&lt;b&gt;Eve&lt;/b&gt;</bdi></h1>' in home(client, user).content.decode()


# The next lesson, and those of the coming days


def test_the_current_lesson_is_the_first_and_the_others_follow(client, alice, schedule):
    schedule(title="Tomorrow", start_time=NOON + 24 * HOUR)
    schedule(title="On", start_time=NOON - HOUR / 2)
    schedule(title="Just over", start_time=NOON - HOUR)
    schedule(title="Overruns", start_time=NOON - 2 * HOUR + HOUR / 60, strict=False)
    schedule(title="Probably over", start_time=NOON - 2 * HOUR, strict=False)
    schedule(title="Cancelled", start_time=NOON + HOUR).cancel(Actor(alice))
    schedule(title="Ended", start_time=NOON - HOUR / 2, strict=False).end(Actor(alice))
    schedule(title="All day", start_time=NOON - 23 * HOUR, duration=1440)
    schedule(title="In six days", start_time=NOON + 6 * 24 * HOUR)
    schedule(title="In a week", start_time=NOON + 7 * 24 * HOUR)
    page = home(client, alice)
    assert (page.context["next"].session.title, page.context["next"].is_on) == ("All day", True)
    assert coming(page) == ["Overruns", "On", "Tomorrow", "In six days"]


def test_the_next_lesson_is_shown_also_if_it_is_far_away(client, alice, schedule):
    schedule(title="In a month", start_time=NOON + 30 * 24 * HOUR)
    page = home(client, alice)
    assert (page.context["next"].session.title, page.context["next"].is_on, coming(page)) == ("In a month", False, [])


@pytest.mark.parametrize(
    ("who", "minutes", "opens"), [("alice", 16, 15), ("alice", 15, None), ("bob", 15, 0), ("bob", 0, None)]
)
def test_join_is_offered_once_the_user_can_enter(
    client, request, algebra, bob, join, schedule, time_machine, who, minutes, opens
):
    join(algebra, bob)
    start = NOON + HOUR
    session = schedule(klass=algebra, start_time=start)
    time_machine.move_to(start - timedelta(minutes=minutes), tick=False)
    page = home(client, request.getfixturevalue(who))
    assert page.context["next"].opens_at == (None if opens is None else start - timedelta(minutes=opens))
    link = session.teacher_link if who == "alice" else session.student_link
    assert (f'href="{link.replace("&", "&amp;")}"' in page.content.decode()) is (opens is None)


def test_each_person_gets_the_link_of_their_role(client, alice, bob, charlie, admin, algebra, join, schedule):
    session = schedule(klass=algebra, start_time=NOON + HOUR, strict=False)
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    lessons = {user.display_name: home(client, user).context["next"] for user in (alice, bob, charlie, admin)}
    assert {name: lesson and lesson.link for name, lesson in lessons.items()} == {
        "Alice": session.teacher_link,
        "Bob": session.student_link,
        "Charlie": None,
        "Admin": session.teacher_link,
    }


def test_lessons_of_an_archived_class_are_not_shown(client, alice, algebra, schedule):
    schedule(klass=algebra, start_time=NOON + HOUR)
    algebra.archive(Actor(alice))
    assert home(client, alice).context["next"] is None


def test_the_next_lessons_use_an_index(alice):
    fill_sessions(alice, NOON)
    count_rows()
    plan = LiveSession.objects.upcoming(NOON).visible_to(alice, SOONEST).explain()
    assert "sessions_of_creator_by_start" in plan


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_the_query_is_limited_to_the_rows_shown(request, who):
    user = request.getfixturevalue(who)
    [own, of_classes] = str(LiveSession.objects.upcoming(NOON).visible_to(user, SOONEST).query).split(" UNION ")
    assert [branch.count("LIMIT 50") for branch in (own, of_classes)] == [1, 1]


def test_lessons_are_looked_for_in_each_class_of_the_user_and_shown_by_their_keys(bob):
    sql = str(LiveSession.objects.upcoming(NOON).visible_to(bob, SOONEST).query)
    assert sql.count('"start_time" >') == 2  # in both branches, and not once more around them
    assert ("unnest(" in sql) is (connection.vendor == "postgresql")


def test_the_coming_lessons_of_all_are_found_from_their_start():
    sql = str(LiveSession.objects.coming(NOON).query)
    assert sql.count('"start_time" > 2') + sql.count('"start_time" > \'2') == 1


# Classes


def test_classes_with_the_soonest_lesson_come_first(client, alice, make_class, schedule):
    late, _none, soon, newest = (make_class(title) for title in ("Late", "None", "Soon", "Newest"))
    schedule(klass=late, start_time=NOON + 2 * HOUR)
    schedule(klass=soon, start_time=NOON + HOUR)
    assert cards(home(client, alice)) == ["Soon", "Late", "Newest", "None"]
    newest.archive(Actor(alice))
    page = home(client, alice)
    assert (cards(page), page.context["has_archived"]) == (["Soon", "Late", "None"], True)
    assert '<a href="/api/v1/classes?status=ARCHIVED">Archived classes</a>' in page.content.decode()


def test_people_see_the_classes_in_which_they_are_and_administrators_all(
    client, alice, bob, dora, admin, algebra, join, make_class
):
    join(algebra, bob)
    join(make_class("Botany"), bob, "PENDING")
    make_class("Chemistry", dora)
    seen = {user.display_name: cards(home(client, user)) for user in (alice, bob, dora, admin)}
    assert seen == {
        "Alice": ["Botany", "Algebra"],
        "Bob": ["Algebra"],
        "Dora": ["Chemistry"],
        "Admin": ["Chemistry", "Botany", "Algebra"],
    }


def test_twelve_classes_are_shown_and_a_link_leads_to_the_others(client, alice, make_class):
    for number in range(12):
        make_class(f"Class {number}")
    assert home(client, alice).context["has_more_classes"] is False
    make_class("Class 12")
    page = home(client, alice)
    assert (len(cards(page)), page.context["has_more_classes"]) == (12, True)
    assert '<a href="/api/v1/classes">All classes</a>' in page.content.decode()


def test_the_title_of_a_class_is_not_repeated_for_lessons_of_the_same_title(client, alice, make_class, schedule):
    klass = make_class("Algebra")
    for title in ("Algebra", "Rings", "Algebra"):
        schedule(klass=klass, title=title, start_time=NOON + HOUR)
    titles = re.findall(r'<bdi dir="auto">(Algebra|Rings)</bdi>', home(client, alice).content.decode())
    # The next lesson; the coming ones, of which the first has another title; the card, whose button names it too.
    assert titles == ["Algebra", "Rings", "Algebra", "Algebra", "Algebra"]


# A first visit


def steps(page):
    found = page.context["steps"]
    return found and (found.has_class, found.is_code_shared, found.has_lesson)


def test_a_teacher_is_led_to_a_first_lesson(client, alice, bob, join, make_class, schedule):
    page = home(client, alice)
    assert (steps(page), "No lesson planned" in page.content.decode()) == ((False, False, False), False)
    klass = make_class("Algebra")
    page = home(client, alice)
    assert (steps(page), "No lesson planned" in page.content.decode()) == ((True, False, False), True)
    join(klass, bob, "PENDING")
    page = home(client, alice)
    assert steps(page) == (True, True, False)
    assert re.findall(r'<li class="done"><div><h3>([^<]+)', page.content.decode()) == [
        "Create a class ",
        "Share its code ",
    ]
    schedule(klass=klass, start_time=NOON + HOUR)
    assert steps(home(client, alice)) is None


def test_a_teacher_with_two_classes_and_other_people_get_no_steps(client, alice, bob, admin, make_class):
    for title in ("Algebra", "Botany"):
        make_class(title)
    assert [steps(home(client, user)) for user in (alice, bob, admin)] == [None, None, None]


def join_heading(page):
    return re.findall(r'<h2 id="join">([^<]+)', page.content.decode())


def test_a_student_joins_a_first_class_and_then_another(client, bob, algebra, join):
    page = home(client, bob)
    assert join_heading(page) == ["Join your first class"]
    assert '<form method="get" action="/j">' in page.content.decode()
    join(algebra, bob)
    assert join_heading(home(client, bob)) == ["Join another class"]


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_only_students_are_offered_to_join(client, request, who):
    assert join_heading(home(client, request.getfixturevalue(who))) == []


def test_a_student_sees_what_became_of_requests_newest_first(client, bob, make_class, join):
    for status in ("APPROVED", "REJECTED", "REMOVED", "PENDING"):
        join(make_class(status.title()), bob, status)
    page = home(client, bob)
    assert [member.klass.title for member in page.context["requests"]] == ["Pending", "Removed", "Rejected"]
    html = page.content.decode().partition('<h2 id="requests">')[2]
    assert re.findall(r'<span class="badge[^"]*">([^<]+)', html) == [
        "Waiting for approval",
        "No longer in the class",
        "Declined",
    ]
    for address in re.findall(r'<h3><a href="([^"]+)">', html):
        assert client.get(address).status_code == 200


# What it costs


@pytest.fixture
def busy(alice, bob, charlie, make_class, join, schedule):
    """`busy(30)`: so many classes of Alice in which Bob is, Charlie waits and something is planned."""

    def make(count):
        for number in range(count):
            klass = make_class(f"Class {number}")
            join(klass, bob)
            join(klass, charlie, "PENDING")
            schedule(klass=klass, start_time=NOON + HOUR)
            schedule(klass=klass, start_time=NOON - 24 * HOUR, strict=False)

    return make


@pytest.mark.parametrize("count", [2, 30])
@pytest.mark.parametrize(("who", "queries"), [("alice", 14), ("bob", 9), ("charlie", 7), ("admin", 13)])
def test_the_home_page_costs_the_same_for_any_number_of_classes(
    client, request, busy, django_assert_num_queries, who, queries, count
):
    busy(count)
    user = request.getfixturevalue(who)
    client.force_login(user)
    with django_assert_num_queries(queries):
        page = client.get("/")
    assert (page.context["next"] is None, len(cards(page))) == (
        who == "charlie",
        0 if who == "charlie" else min(count, 12),
    )


def test_a_teacher_who_begins_costs_one_statement_more(client, alice, busy, django_assert_num_queries):
    busy(1)
    client.force_login(alice)
    with django_assert_num_queries(15):
        client.get("/")
