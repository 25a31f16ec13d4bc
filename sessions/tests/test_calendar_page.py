"""The calendar of a person: their coming week by day, and months to page through."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from classes.models import Class
from sessions.agenda import lessons, page
from sessions.agenda.lessons import lessons_between
from sessions.agenda.months import Month
from tutorarc.domain.events import Actor

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)  # a Saturday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def calendar(client):
    def get(user, query="", **headers):
        client.force_login(user)
        return client.get(f"/calendar{query}", headers=headers)

    return get


def shown(days):
    return {f"{day.date:%d %b}": [entry.session.title for entry in day.entries] for day in days if day.entries}


def joins(answer):
    return {entry.session.title: entry.join for day in answer.context["week"] for entry in day.entries if entry.join}


def test_a_visitor_signs_in_first(client, db):
    assert client.get("/calendar")["Location"] == "/accounts/login/?next=/calendar"


def test_the_coming_week_has_the_days_with_lessons(calendar, alice, schedule):
    for title, start in {
        "Yesterday": NOON - DAY,
        "This morning": NOON - 6 * HOUR,
        "Tomorrow, late": NOON + 35 * HOUR,
        "Tomorrow": NOON + DAY,
        "In six days": NOON + 6 * DAY,
        "In a week": NOON + 7 * DAY,
    }.items():
        schedule(title=title, start_time=start)
    week = calendar(alice).context["week"]
    expected = {"14 Mar": ["This morning"], "15 Mar": ["Tomorrow", "Tomorrow, late"], "20 Mar": ["In six days"]}
    assert shown(week) == expected
    assert [day.is_today for day in week] == [True, False, False]


def test_days_are_those_of_the_reader(calendar, alice, schedule):
    schedule(title="Late", start_time=NOON + 11 * HOUR)
    alice.edit(Actor(alice), time_zone="Asia/Kathmandu")
    answer = calendar(alice)
    assert shown(answer.context["week"]) == {"15 Mar": ["Late"]}
    assert "04:45 to 05:45 +0545" in answer.text


def test_the_lessons_are_those_of_the_persons_classes_and_their_own(
    calendar, alice, bob, charlie, admin, algebra, join, schedule
):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    archived = Class.objects.create_with_teacher(Actor(alice), title="Old")
    for klass, title in ((algebra, "Of the class"), (None, "Of Alice"), (archived, "Archived")):
        schedule(title=title, start_time=NOON + HOUR, klass=klass)
    archived.archive(Actor(alice))
    seen = {user.display_name: shown(calendar(user).context["week"]) for user in (alice, bob, charlie, admin)}
    assert seen == {
        "Alice": {"14 Mar": ["Of the class", "Of Alice"]},
        "Bob": {"14 Mar": ["Of the class"]},
        "Charlie": {},
        "Admin": {},
    }


def test_a_month_has_its_days_in_weeks_and_leads_to_the_months_around_it(calendar, alice, schedule):
    schedule(title="First", start_time=datetime(2026, 2, 1, tzinfo=UTC))
    schedule(title="Last", start_time=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    schedule(title="March", start_time=datetime(2026, 3, 1, tzinfo=UTC))
    answer = calendar(alice, "?month=2026-02")
    assert (answer.context["week"], shown(answer.context["days"])) == (None, {"01 Feb": ["First"], "28 Feb": ["Last"]})
    months = answer.text.partition('<nav class="pager"')[2]
    links = re.findall(r'<a class="button second small"[^>]* href="([^"]*)">', months)
    assert links == ["?month=2026-01", "/calendar", "?month=2026-03"]


@pytest.mark.parametrize(
    ("language", "first"),
    [
        *(
            ("en-US", "Sun"),
            ("en-GB,en;q=0.9", "Mon"),
            ("de-AT", "Mon"),
            ("pt-BR", "Sun"),
            ("", "Sun"),
            ("x;-1", "Sun"),
        ),
        *(("en-AU", "Mon"), ("es-MX", "Sun"), ("zh-Hant-TW", "Sun"), ("ar-EG", "Sat"), ("de", "Mon"), ("ja", "Sun")),
    ],
)
def test_a_week_begins_as_in_the_language_of_the_browser(calendar, alice, language, first):
    days = calendar(alice, **{"Accept-Language": language}).context["days"]
    assert (f"{days[0].date:%a}", len(days) % 7) == (first, 0)


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-1", "0001-01", "9999-12", "٢٠٢٦-01", "2026-02-01", "\0"]
)
def test_a_malformed_month_is_not_found(calendar, alice, month):
    assert calendar(alice, f"?month={month}").status_code == 404


@pytest.mark.parametrize(("month", "links"), [("1900-01", ["1900-02"]), ("9998-12", ["9998-11"])])
def test_the_first_and_the_last_month_lead_one_way(calendar, alice, month, links):
    assert re.findall(r'href="\?month=([^"]*)"', calendar(alice, f"?month={month}").text) == links


@pytest.mark.parametrize(("who", "minutes"), [("alice", 15), ("bob", 0)])
def test_join_is_offered_once_the_person_can_enter(
    calendar, request, algebra, bob, join, schedule, time_machine, who, minutes
):
    join(algebra, bob)
    start = NOON + HOUR
    session = schedule(title="Soon", klass=algebra, start_time=start)
    user = request.getfixturevalue(who)
    time_machine.move_to(start - timedelta(minutes=minutes, seconds=1), tick=False)
    assert joins(calendar(user)) == {}
    time_machine.move_to(start - timedelta(minutes=minutes), tick=False)
    link = session.teacher_link if who == "alice" else session.student_link
    assert joins(calendar(user)) == {"Soon": link}


def test_a_lesson_that_is_open_all_the_time_is_joined_on_its_day(calendar, alice, schedule, time_machine):
    later = NOON.replace(year=2036)  # lessons are open from their creation on, which no test moves to the past
    schedule(title="Today", strict=False, start_time=later + 2 * HOUR)
    schedule(title="Tomorrow", strict=False, start_time=later + DAY)
    schedule(title="Over", strict=False, start_time=later - 3 * HOUR)
    schedule(title="Overruns", strict=False, start_time=later - 2 * HOUR + HOUR / 2)
    time_machine.move_to(later, tick=False)
    assert list(joins(calendar(alice))) == ["Overruns", "Today"]


def test_a_cancelled_lesson_is_struck_through_and_not_joined(calendar, alice, schedule):
    schedule(title="Gone", start_time=NOON + HOUR / 2, strict=False).cancel(Actor(alice))
    answer = calendar(alice)
    assert (answer.text.count('<s><bdi dir="auto">Gone</bdi></s>'), joins(answer)) == (2, {})  # week and month


@pytest.mark.parametrize("count", [1, 30])
def test_it_costs_four_statements_for_1_lesson_and_for_30(
    calendar, client, alice, schedule, django_assert_num_queries, count
):
    for number in range(count):
        klass = Class.objects.create_with_teacher(Actor(alice), title=f"Class {number}")
        schedule(start_time=NOON + number * HOUR, klass=klass)
    client.force_login(alice)
    with django_assert_num_queries(4):  # session, person, lessons of the week, lessons of the month
        client.get("/calendar")


def test_a_full_month_says_that_it_shows_the_first_lessons(calendar, alice, schedule, monkeypatch):
    monkeypatch.setattr(page, "MOST_SHOWN", 1)
    for number in range(2):
        schedule(title=f"Lesson {number}", start_time=NOON + number * HOUR)
    answer = calendar(alice, "?month=2026-03")
    assert shown(answer.context["days"]) == {"14 Mar": ["Lesson 0"]}
    assert "These are the first 1 lessons of the month." in answer.text


def test_each_part_of_the_query_is_limited(alice):
    month = lessons_between(alice, Month(2025, 3).first, Month(2025, 3).last)
    assert str(month.query).count(f"LIMIT {lessons.MOST_SHOWN + 1}") == 3  # both branches, and all
    assert str(month.query).count('"start_time" >= ') == 2  # the branches alone: they find the lessons by an index


def test_the_page_is_not_cached(calendar, alice):
    assert "no-store" in calendar(alice)["Cache-Control"]
