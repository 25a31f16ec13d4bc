from datetime import UTC, datetime

import pytest

from members.tests.expected import ARCHIVED
from sessions.tests.expected import END, NO_SESSION, START, answer, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_of

CHANGES = [
    ({"title": "Calculus"}, {"title": "Calculus"}),
    ({"title": "  Calculus "}, {"title": "Calculus"}),
    ({"startTime": "2026-03-20T12:00:00+01:00"}, {"startTime": "2026-03-20T11:00:00Z"}),
    ({"duration": 90}, {"duration": 90}),
    ({"duration": 90.0}, {"duration": 90}),
    ({"strict": False}, {"strict": False}),
]


@pytest.fixture
def made(half_past_nine, schedule):
    return schedule()


@pytest.fixture
def teacher(half_past_nine, api, alice):
    return api(alice)


@pytest.mark.parametrize(("body", "shown"), CHANGES)
def test_a_change_is_shown_and_kept(half_past_nine, teacher, made, body, shown):
    changed = answer(session(made, **shown, updatedAt=half_past_nine))
    response = teacher.patch(f"/sessions/{made.pk}", body)
    assert (response.status_code, response.json()) == (200, changed)
    assert teacher.get(f"/sessions/{made.pk}").json() == changed


def test_all_can_change_at_once(half_past_nine, teacher, made):
    body = {"title": "New", "startTime": "2027-01-01T00:00:00Z", "duration": 5, "strict": False}
    response = teacher.patch(f"/sessions/{made.pk}", body)
    assert response.json() == answer(session(made, **body, updatedAt=half_past_nine))


@pytest.mark.parametrize(
    "body", [{}, {"title": "Introduction to Calculus"}, {"startTime": "2026-03-20T11:00:00+01:00"}]
)
def test_equal_values_are_no_change(teacher, made, body):
    assert teacher.patch(f"/sessions/{made.pk}", body).json() == answer(session(made))
    assert len(events_of(made)) == 1


@pytest.mark.parametrize(
    ("body", "moment", "status"),
    [
        ({"startTime": "2026-03-20T11:00:00Z"}, "2026-03-20T11:59:59Z", "LIVE"),
        ({"startTime": "2026-03-20T11:00:00Z"}, "2026-03-20T12:00:00Z", "ENDED"),
        ({"duration": 61}, "2026-03-20T11:00:59Z", "LIVE"),
        ({"duration": 61}, "2026-03-20T11:01:00Z", "ENDED"),
    ],
)
def test_entry_closes_by_the_new_schedule(teacher, made, time_machine, body, moment, status):
    teacher.patch(f"/sessions/{made.pk}", body)
    time_machine.move_to(moment, tick=False)
    assert teacher.get(f"/sessions/{made.pk}").json()["data"]["status"] == status
    assert [row["sessionId"] for row in teacher.get(f"/sessions?status={status}").json()["data"]] == [made.pk]


def test_a_live_session_can_be_moved_to_another_day(teacher, made, time_machine):
    time_machine.move_to(START, tick=False)
    body = {"startTime": "2026-03-21T10:00:00Z"}
    shown = session(made, **body, status="SCHEDULED", updatedAt="2026-03-20T10:00:00Z")
    assert teacher.patch(f"/sessions/{made.pk}", body).json() == answer(shown)


def test_a_session_moved_into_the_past_is_over(half_past_nine, teacher, made):
    body = {"startTime": "2026-03-14T08:30:00Z"}
    shown = session(made, **body, status="ENDED", updatedAt=half_past_nine)
    assert teacher.patch(f"/sessions/{made.pk}", body).json() == answer(shown)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "", "blank"),
        ("title", None, "null"),
        ("title", 7, "invalid"),
        ("title", "x" * 201, "max_length"),
        ("startTime", "2026-03-20T10:00:00", "moment"),
        ("startTime", "9999-12-31T23:00:00Z", "too_late"),
        ("startTime", None, "null"),
        ("duration", "60", "invalid"),
        ("duration", 60.5, "invalid"),
        ("duration", True, "invalid"),
        ("duration", 0, "min_value"),
        ("duration", 1441, "max_value"),
        ("strict", "yes", "invalid"),
        ("strict", 1, "invalid"),
        ("strict", None, "null"),
        ("teacherId", "teacher_9", "unknown_field"),
        ("classId", None, "unknown_field"),
        ("status", "ENDED", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(teacher, made, field, value, code):
    body = {"title": "New", field: value}
    assert verdict(teacher.patch(f"/sessions/{made.pk}", body)) == invalid(field, code)
    assert teacher.get(f"/sessions/{made.pk}").json() == answer(session(made))


def test_a_longer_session_must_end_before_the_year_10000_too(teacher, schedule):
    made = schedule(start_time=datetime(9999, 12, 31, 22, tzinfo=UTC))
    assert verdict(teacher.patch(f"/sessions/{made.pk}", {"duration": 120})) == invalid("startTime", "too_late")


# The state


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"startTime": "2027-01-01T00:00:00Z"}, "SCHEDULED"),
        ({"duration": 120}, "LIVE"),
        ({"strict": False}, "LIVE"),
        ({"title": "New"}, "ENDED"),
    ],
)
def test_a_session_that_only_the_clock_ended_can_be_changed(teacher, made, time_machine, body, status):
    time_machine.move_to(END, tick=False)
    response = teacher.patch(f"/sessions/{made.pk}", body)
    shown = answer(session(made, **body, status=status, updatedAt="2026-03-20T11:00:00Z"))
    assert (response.status_code, response.json()) == (200, shown)


def test_a_mistyped_year_can_be_corrected(half_past_nine, teacher, made):
    for year, status in ((2016, "ENDED"), (2036, "SCHEDULED")):
        body = {"startTime": f"{year}-03-20T10:00:00Z"}
        shown = session(made, **body, status=status, updatedAt=half_past_nine)
        assert teacher.patch(f"/sessions/{made.pk}", body).json() == answer(shown)


@pytest.mark.parametrize(("verb", "reason"), [("end", "session_over"), ("cancel", "session_cancelled")])
@pytest.mark.parametrize("moment", [START, END])
def test_an_ended_or_cancelled_session_is_not_changed(teacher, made, alice, time_machine, verb, reason, moment):
    getattr(made, verb)(Actor(alice))
    time_machine.move_to(moment, tick=False)
    response = teacher.patch(f"/sessions/{made.pk}", {"startTime": "2027-01-01T00:00:00Z"})
    assert verdict(response) == conflict(reason)
    assert teacher.get(f"/sessions/{made.pk}").json()["data"]["startTime"] == "2026-03-20T10:00:00Z"


def test_a_session_of_an_archived_class_is_not_changed(teacher, alice, algebra, schedule):
    made = schedule(klass=algebra)
    algebra.archive(Actor(alice))
    assert verdict(teacher.patch(f"/sessions/{made.pk}", {"title": "New"})) == ARCHIVED
    assert teacher.get(f"/sessions/{made.pk}").json() == answer(session(made, classId=algebra.pk))


# Who


@pytest.mark.parametrize("who", ["alice", "dora", "admin"])
def test_the_creator_a_class_teacher_and_an_admin_may_change_it(
    half_past_nine, request, api, alice, dora, algebra, schedule, who
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra)
    response = api(request.getfixturevalue(who)).patch(f"/sessions/{made.pk}", {"title": "New"})
    shown = session(made, title="New", classId=algebra.pk, updatedAt=half_past_nine)
    assert (response.status_code, response.json()) == (200, answer(shown))


def test_a_creator_who_was_removed_from_its_class_may_not(half_past_nine, api, alice, dora, algebra, schedule):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made, alone = schedule(klass=algebra, by=dora), schedule(by=dora)
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    for verb, body in (("patch", {"title": "New"}), ("post", {})):
        path = "" if body else "/cancel"
        assert verdict(getattr(api(dora), verb)(f"/sessions/{made.pk}{path}", body)) == forbidden("not_a_member")
        assert getattr(api(dora), verb)(f"/sessions/{alone.pk}{path}", body).status_code == 200


@pytest.mark.parametrize(
    ("who", "reason"),
    [("bob", "wrong_role"), ("charlie", "not_a_member"), ("dora", "not_a_member"), ("paul", "wrong_role")],
)
def test_nobody_else_may(request, api, alice, bob, make_user, algebra, schedule, join, who, reason):
    join(algebra, bob)
    paul = make_user("Paul", "TEACHER")
    algebra.memberships.enrol(algebra, paul, "STUDENT", Actor(alice))
    made = schedule(klass=algebra)
    person = paul if who == "paul" else request.getfixturevalue(who)
    assert verdict(api(person).patch(f"/sessions/{made.pk}", {"title": "New"})) == forbidden(reason)


def test_a_credential_is_required(api, made):
    assert verdict(api().patch(f"/sessions/{made.pk}", {"title": "New"})) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_write_sessions(api, alice, made):
    client = api(alice, scopes=["sessions:read", "classes:write"])
    assert verdict(client.patch(f"/sessions/{made.pk}", {"title": "New"})) == forbidden("missing_scope")


def test_a_cookie_needs_its_csrf_token(browser_client, signed_in, alice, made):
    assert verdict(browser_client(alice).patch(f"/sessions/{made.pk}", {"title": "New"})) == forbidden("csrf_failed")
    assert signed_in(alice).patch(f"/sessions/{made.pk}", {"title": "New"}).status_code == 200


def test_an_unknown_id_is_not_found(teacher):
    assert verdict(teacher.patch(f"/sessions/{NO_SESSION}", {"title": "New"})) == NOT_FOUND


def test_put_is_not_allowed(teacher, made):
    assert verdict(teacher.put(f"/sessions/{made.pk}", {})) == (405, "method_not_allowed", [])


def test_delete_is_not_allowed(teacher, made):
    assert verdict(teacher.delete(f"/sessions/{made.pk}")) == (405, "method_not_allowed", [])
