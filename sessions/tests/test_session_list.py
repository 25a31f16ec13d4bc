from datetime import timedelta

import pytest

from members.tests.expected import NO_CLASS
from sessions.models import LiveSession
from sessions.tests.expected import START, answer, session
from tutorarc.db.keyset import Window
from tutorarc.domain.events import Actor
from tutorarc.testing.client import UNAUTHENTICATED, forbidden, invalid_parameter, verdict

HOUR = timedelta(hours=1)


def titles(response):
    assert response.status_code == 200
    return [row["title"] for row in response.json()["data"]]


@pytest.fixture
def named(schedule):
    """`named("One", "Two")`: sessions with these titles, in this order."""
    return lambda *names, **fields: [schedule(title=name, **fields) for name in names]


def test_a_list_is_a_page_of_sessions_with_all_fields(half_past_nine, api, alice, schedule):
    made = schedule()
    assert api(alice).get("/sessions").json() == {**answer([session(made)]), "next": None, "previous": None}


def test_a_list_without_sessions_is_an_empty_page(api, alice):
    assert api(alice).get("/sessions").json() == {**answer([]), "next": None, "previous": None}


# Who sees what


def test_a_teacher_sees_their_own_and_those_of_their_classes(api, alice, dora, admin, algebra, named):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    named("Alice's without a class", "Alice's in the class", "Dora's in the class", "Dora's without a class")
    named("Alice's in the class", klass=algebra)
    named("Dora's in the class", klass=algebra, by=dora)
    named("Dora's alone", by=dora)
    named("The administrator's", by=admin)
    assert titles(api(dora).get("/sessions")) == ["Dora's alone", "Dora's in the class", "Alice's in the class"]


@pytest.mark.parametrize(
    ("status", "seen"), [("PENDING", []), ("APPROVED", ["In class"]), ("REJECTED", []), ("REMOVED", [])]
)
def test_a_student_sees_the_sessions_of_classes_that_approved_them(api, bob, algebra, named, join, status, seen):
    join(algebra, bob, status)
    named("In class", klass=algebra)
    named("Without a class")
    assert titles(api(bob).get("/sessions")) == seen


def test_the_approval_of_others_shows_nothing(api, bob, charlie, algebra, named, join):
    join(algebra, charlie)
    join(algebra, bob, "PENDING")
    named("In class", klass=algebra)
    assert titles(api(bob).get("/sessions")) == []


@pytest.mark.parametrize("query", ["", "?teacherId=teacher_123"])
def test_a_teacher_who_left_the_class_sees_only_their_own_without_a_class(api, alice, dora, algebra, named, query):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    named("Alice's in the class", klass=algebra)
    named("Alice's without a class")
    named("Dora's", klass=algebra, by=dora)
    algebra.memberships.leave(algebra, Actor(alice))
    assert titles(api(alice).get(f"/sessions{query}")) == ["Alice's without a class"]


def test_a_created_session_is_listed_once_on_each_side_of_a_lost_class(api, alice, dora, algebra, named):
    """A page holds its number of rows, also where sessions of a lost class lie between them."""
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    named("1")
    named("Lost", "Lost too", "Lost as well", klass=algebra)
    named("2")
    algebra.memberships.leave(algebra, Actor(alice))
    client = api(alice)
    first = client.get("/sessions?page_size=1")
    second = client.get(first.json()["next"])
    assert (titles(first), titles(second), second.json()["next"]) == (["2"], ["1"], None)


def test_an_admin_sees_all(api, admin, dora, algebra, named):
    named("Alice's", klass=algebra)
    named("Dora's", by=dora)
    assert titles(api(admin).get("/sessions")) == ["Dora's", "Alice's"]


def test_staff_and_superuser_flags_give_no_rights_in_the_api(api, make_user, named):
    named("Alice's")
    assert titles(api(make_user("Root", is_staff=True, is_superuser=True)).get("/sessions")) == []


def test_sessions_of_an_archived_class_stay_in_the_list(api, alice, bob, algebra, named, join):
    join(algebra, bob)
    named("In class", klass=algebra)
    algebra.archive(Actor(alice))
    assert titles(api(bob).get("/sessions")) == ["In class"]


@pytest.mark.parametrize(
    ("who", "shown"), [("alice", True), ("dora", True), ("admin", True), ("bob", False), ("eve", False)]
)
def test_the_teacher_link_is_for_those_who_may_change_the_session(
    half_past_nine, request, api, alice, bob, dora, make_user, algebra, schedule, join, who, shown
):
    eve = make_user("Eve", "TEACHER")  # a teacher who studies in this class
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.enrol(algebra, eve, "STUDENT", Actor(alice))
    join(algebra, bob)
    made = schedule(klass=algebra)
    person = eve if who == "eve" else request.getfixturevalue(who)
    hidden = {} if shown else {"teacherLink": None}
    assert api(person).get("/sessions").json()["data"] == [session(made, classId=algebra.pk, **hidden)]


def test_a_credential_is_required(db, api):
    assert verdict(api().get("/sessions")) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_read_sessions(api, alice):
    assert verdict(api(alice, scopes=["sessions:write", "classes:read"]).get("/sessions")) == forbidden("missing_scope")
    assert titles(api(alice, scopes=["sessions:read"]).get("/sessions")) == []


# Filters


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ("SCHEDULED", ["Tomorrow, strict", "Tomorrow"]),
        ("LIVE", ["Now, strict", "Yesterday"]),
        ("ENDED", ["Yesterday, strict", "Closed early"]),
        ("CANCELLED", ["Called off"]),
    ],
)
@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_status_depends_on_the_time(
    request, api, alice, bob, algebra, named, join, time_machine, half_past_nine, who, status, seen
):
    join(algebra, bob)
    person = request.getfixturevalue(who)
    client = api(person)
    named("Called off", klass=algebra)[0].cancel(Actor(alice))
    named("Closed early", klass=algebra)[0].end(Actor(alice))
    named("Yesterday", start_time=START - 24 * HOUR, klass=algebra, strict=False)
    named("Yesterday, strict", start_time=START - 24 * HOUR, klass=algebra)
    named("Now, strict", klass=algebra)
    named("Tomorrow", start_time=START + 24 * HOUR, klass=algebra, strict=False)
    named("Tomorrow, strict", start_time=START + 24 * HOUR, klass=algebra)
    time_machine.move_to(START, tick=False)
    response = client.get(f"/sessions?status={status}")
    assert titles(response) == seen
    assert {row["status"] for row in response.json()["data"]} == {status}


def test_class_id_finds_the_sessions_of_one_class(api, alice, algebra, named):
    named("In class", klass=algebra)
    named("Without a class")
    assert titles(api(alice).get(f"/sessions?classId={algebra.pk}")) == ["In class"]
    assert titles(api(alice).get(f"/sessions?classId={NO_CLASS}")) == []


@pytest.mark.parametrize(
    ("teacher_id", "seen"),
    [("t-1", ["One"]), ("T-1", ["Capital"]), ("t-", []), ("t-10", ["Ten"]), ("%", []), ("Zoë/Ø", ["Zoë"])],
)
def test_teacher_id_is_matched_exactly(api, alice, schedule, teacher_id, seen):
    for title, reference in [("One", "t-1"), ("Ten", "t-10"), ("Capital", "T-1"), ("Zoë", "Zoë/Ø")]:
        schedule(title=title, teacher_ref=reference)
    assert titles(api(alice).get("/sessions", {"teacherId": teacher_id})) == seen


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"startsAfter": "2026-03-20T09:00:00Z"}, ["Eleven", "Ten"]),
        ({"startsAfter": "2026-03-20T09:59:59.999999Z"}, ["Eleven", "Ten"]),
        ({"startsAfter": "2026-03-20T10:00:00Z"}, ["Eleven"]),
        ({"startsAfter": "2026-03-20T11:00:00+01:00"}, ["Eleven"]),
        ({"startsBefore": "2026-03-20T11:00:00Z"}, ["Ten", "Nine"]),
        ({"startsBefore": "2026-03-20T10:00:00Z"}, ["Nine"]),
        ({"startsBefore": "2026-03-20T10:00:00.000001Z"}, ["Ten", "Nine"]),
        ({"startsAfter": "2026-03-20T09:00:00Z", "startsBefore": "2026-03-20T11:00:00Z"}, ["Ten"]),
        ({"startsAfter": "2026-03-20T11:00:00Z", "startsBefore": "2026-03-20T09:00:00Z"}, []),
        ({"startsAfter": "0001-01-01T00:00:00Z"}, ["Eleven", "Ten", "Nine"]),
        ({"startsBefore": "9999-12-31T23:59:59Z"}, ["Eleven", "Ten", "Nine"]),
    ],
)
def test_starts_after_and_before_exclude_the_time_itself(api, alice, schedule, query, seen):
    for number, title in [(-1, "Nine"), (0, "Ten"), (1, "Eleven")]:
        schedule(title=title, start_time=START + number * HOUR)
    assert titles(api(alice).get("/sessions", query)) == seen


def test_filters_work_together(half_past_nine, api, alice, algebra, named):
    named("Other teacher", klass=algebra, teacher_ref="teacher_9")
    named("Sought", klass=algebra)
    named("Without a class")
    query = {"status": "SCHEDULED", "classId": algebra.pk, "teacherId": "teacher_123"}
    assert titles(api(alice).get("/sessions", query)) == ["Sought"]


def test_a_filter_never_shows_a_session_the_user_may_not_see(api, bob, algebra, named):
    named("In class", klass=algebra)
    assert titles(api(bob).get(f"/sessions?classId={algebra.pk}")) == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("status=OVER", "status", "invalid_choice"),
        ("status=live", "status", "invalid_choice"),
        ("status=null", "status", "invalid_choice"),
        ("status=", "status", "blank"),
        ("classId=algebra", "classId", "malformed_id"),
        ("classId=", "classId", "blank"),
        ("teacherId=", "teacherId", "blank"),
        (f"teacherId={'x' * 129}", "teacherId", "max_length"),
        ("teacherId=x%00", "teacherId", "null_characters_not_allowed"),
        ("startsAfter=tomorrow", "startsAfter", "invalid"),
        ("startsAfter=2026-03-20", "startsAfter", "invalid"),
        ("startsAfter=2026-03-20T10:00:00", "startsAfter", "invalid"),
        ("startsAfter=2026-03-20T10:00:00+01:00", "startsAfter", "invalid"),  # an unescaped + is a blank
        ("startsBefore=", "startsBefore", "blank"),
        ("strict=true", "strict", "unknown_parameter"),
        ("class_id=x", "class_id", "unknown_parameter"),
        ("ordering=title", "ordering", "unknown_parameter"),
        ("status=LIVE&status=LIVE", "status", "repeated_parameter"),
        ("page_size=101", "page_size", "invalid"),
        ("page_size=0", "page_size", "invalid"),
        ("cursor=x", "cursor", "invalid"),
    ],
)
def test_a_wrong_unknown_or_repeated_parameter_is_refused(api, alice, query, field, code):
    assert verdict(api(alice).get(f"/sessions?{query}")) == invalid_parameter(field, code)


# Pages


def test_pages_can_be_followed_forwards_and_backwards(api, alice, named):
    named("1", "2", "3", "4", "5")
    client = api(alice)
    first = client.get("/sessions?page_size=2")
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])
    back = client.get(third.json()["previous"])
    assert [titles(page) for page in (first, second, third, back)] == [["5", "4"], ["3", "2"], ["1"], ["3", "2"]]
    assert (first.json()["previous"], third.json()["next"]) == (None, None)


def test_sessions_created_between_two_pages_neither_repeat_nor_hide_others(api, alice, named):
    named("1", "2", "3")
    client = api(alice)
    first = client.get("/sessions?page_size=2")
    named("4")
    assert titles(first) + titles(client.get(first.json()["next"])) == ["3", "2", "1"]


def test_links_keep_the_filters(half_past_nine, api, alice, algebra, named):
    named("1", "2", klass=algebra)
    named("Without a class")
    named("3", klass=algebra)
    client = api(alice)
    first = client.get(f"/sessions?page_size=2&status=SCHEDULED&classId={algebra.pk}")
    assert titles(first) + titles(client.get(first.json()["next"])) == ["3", "2", "1"]


def test_a_page_has_twenty_rows_by_default(api, alice, named):
    named(*map(str, range(21)))
    assert [len(titles(api(alice).get(f"/sessions{query}"))) for query in ("", "?page_size=100")] == [20, 21]


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("query", ["", "&status=LIVE", "&teacherId=teacher_123", "&cursor"])
@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_a_list_costs_two_statements_for_any_length(
    request, api, bob, algebra, named, join, time_machine, django_assert_num_queries, who, query, count
):
    time_machine.move_to(START, tick=False)
    join(algebra, bob)
    named(*map(str, range(count)), klass=algebra)
    client = api(request.getfixturevalue(who))
    address = f"/sessions?page_size=100{query}"
    if query == "&cursor":
        named("Newest", klass=algebra)
        address = client.get("/sessions?page_size=1").json()["next"].replace("page_size=1", "page_size=100")
    with django_assert_num_queries(2):
        response = client.get(address)
    assert titles(response) == [str(number) for number in reversed(range(count))]


@pytest.mark.parametrize(("descending", "order"), [(True, "DESC"), (False, "ASC")])
def test_both_branches_and_all_keys_together_are_limited_to_a_page(bob, descending, order):
    day = LiveSession.objects.filter(start_time__gt=START, start_time__lt=START + 24 * HOUR)
    sql = str(day.visible_to(bob, Window(("pk",), descending, 21)).query)
    assert sql.count(f"{order} LIMIT 21") == 3
