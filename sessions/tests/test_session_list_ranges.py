"""Pages of a list are read from the index of each range, whatever the states of the sessions."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import connection

from sessions import ranges
from sessions.admission import Status
from sessions.models import LiveSession
from tutorarc.db.keyset import Window
from tutorarc.tests.db.large_tables import count_rows

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTS = [NOW + offset for offset in (-40 * DAY, -23 * HOUR, -HOUR, timedelta(), HOUR, 40 * DAY)]
CLOSED = [{}, {"ended_at": NOW - 2 * HOUR}, {"cancelled_at": NOW - 2 * HOUR}]
OF_ALL = {"title": "Algebra", "teacher_ref": "t"}
ORDERS = [(fields, descending) for fields in (("pk",), ("start_time", "pk")) for descending in (False, True)]
LISTS = {"all": lambda rows: rows, "coming": lambda rows: rows.coming(NOW), "past": lambda rows: rows.past(NOW)}


def lasting(start, hours, **fields):
    return LiveSession(start_time=start, end_time=start + hours * HOUR, duration=hours * 60, **OF_ALL, **fields)


@pytest.fixture
def sessions_in_each_state(alice, algebra):
    """All combinations that there can be, in the class of Alice and without a class."""
    LiveSession.objects.bulk_create(
        lasting(start, hours, strict=strict, klass=klass, created_by=alice, **closed)
        for start, hours, strict, closed, klass in product(STARTS, (1, 24), (True, False), CLOSED, (algebra, None))
    )


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("which", LISTS)
def test_a_page_has_what_a_list_without_pages_has(
    sessions_in_each_state, alice, bob, admin, algebra, join, which, status
):
    join(algebra, bob)
    rows = LISTS[which](LiveSession.objects.in_status(status, NOW) if status else LiveSession.objects.all())
    for user, (fields, descending) in product((alice, bob, admin), ORDERS):
        window = Window(fields, descending, 1_000)
        of_page = [row.pk for row in window.cut(rows.visible_to(user, window))]
        assert of_page == [row.pk for row in window.cut(rows.visible_to(user))]


def test_each_session_is_either_coming_or_past(sessions_in_each_state):
    lists = [list(LISTS[which](LiveSession.objects.all())) for which in ("coming", "past")]
    assert sorted(row.pk for rows in lists for row in rows) == sorted(row.pk for row in LiveSession.objects.all())


@pytest.fixture
def many(alice, bob, algebra, join):
    """Lessons of a class, from long ago to far ahead. All are held as planned."""
    join(algebra, bob)
    LiveSession.objects.bulk_create(
        lasting(start, 1, klass=algebra, created_by=alice, ended_at=start + HOUR if start < NOW else None)
        for start in (NOW + number * DAY for number in range(-1_000, 1_000))
    )
    count_rows()


BY_ID, LATEST = Window(("pk",), True, 21), Window(("start_time", "pk"), True, 21)
SOONEST = Window(("start_time", "pk"), False, 21)


@pytest.mark.parametrize(
    ("which", "status", "window", "users", "index"),
    [
        ("all", "CANCELLED", BY_ID, "bob admin", "cancelled_"),
        ("all", "LIVE", BY_ID, "bob", "open_"),
        ("past", "LIVE", LATEST, "bob", "open_"),
        ("past", "CANCELLED", LATEST, "bob admin", "cancelled_"),
        ("coming", "CANCELLED", SOONEST, "bob admin", "cancelled_"),
        ("past", None, LATEST, "bob admin", "ended_early_"),
        ("coming", "ENDED", SOONEST, "bob admin", "ended_early_"),
    ],
)
def test_sessions_in_a_rare_state_are_found_by_an_index(many, request, which, status, window, users, index):
    rows = LISTS[which](LiveSession.objects.in_status(status, NOW) if status else LiveSession.objects.all())
    for user in map(request.getfixturevalue, users.split()):
        assert index in window.cut(rows.visible_to(user, window)).explain()


def test_the_past_of_all_begins_now_and_not_with_the_last_lesson(many, admin):
    plan = LATEST.cut(LiveSession.objects.past(NOW).visible_to(admin, LATEST)).explain()
    assert "sessions_by_start" in plan
    assert ("start_time<" if connection.vendor == "sqlite" else "Index Cond: (start_time <=") in plan


# Sessions between two times, newest first


@pytest.mark.parametrize("query", ["", "&status=SCHEDULED", "&status=LIVE", "&status=ENDED", "&status=CANCELLED"])
@pytest.mark.parametrize("bounds", [(-DAY, DAY), (-DAY, -HOUR), (HOUR, 50 * DAY), (None, HOUR), (HOUR, None)])
@pytest.mark.parametrize("who", ["bob", "admin"])
def test_a_span_has_the_same_sessions_whether_it_is_sorted_or_not(
    sessions_in_each_state, request, api, bob, algebra, join, time_machine, monkeypatch, query, bounds, who
):
    join(algebra, bob)
    time_machine.move_to(NOW, tick=False)
    span = zip(("startsAfter", "startsBefore"), bounds, strict=True)
    times = "".join(f"&{name}={(NOW + bound):%Y-%m-%dT%H:%M:%SZ}" for name, bound in span if bound is not None)
    address = f"/sessions?page_size=100{query}{times}"
    client = api(request.getfixturevalue(who))
    is_sorted = client.get(address).json()
    monkeypatch.setattr(ranges, "MOST_SORTED", 0)
    assert is_sorted == client.get(address).json()


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("who", ["alice", "admin"])
def test_a_span_costs_three_statements_for_any_length(request, api, schedule, django_assert_num_queries, who, count):
    for number in range(count):
        schedule(title=str(number), start_time=NOW + HOUR)
    client = api(request.getfixturevalue(who))
    with django_assert_num_queries(3):
        page = client.get("/sessions?page_size=100&startsAfter=2026-03-14T00:00:00Z&startsBefore=2026-03-15T00:00:00Z")
    assert [row["title"] for row in page.json()["data"]] == [str(number) for number in reversed(range(count))]


def test_few_sessions_between_two_times_are_read_from_the_index_of_the_start(many, admin):
    day = LiveSession.objects.in_span(NOW, NOW + DAY)
    assert "by_start" in BY_ID.cut(day.visible_to(admin, BY_ID)).explain()


def test_many_sessions_between_two_times_are_read_newest_first(many, admin, monkeypatch):
    monkeypatch.setattr(ranges, "MOST_SORTED", 100)
    rows = LiveSession.objects.in_span(NOW - 900 * DAY, None)
    assert "sessions_by_start" not in BY_ID.cut(rows.visible_to(admin, BY_ID)).explain()


def test_sessions_of_a_teacher_id_are_read_from_its_index(many, admin):
    rows = LiveSession.objects.filter(teacher_ref="nobody")
    assert "sessions_of_a_teacher_id" in BY_ID.cut(rows.visible_to(admin, BY_ID)).explain()
