import pytest

from members.tests.expected import ARCHIVED
from sessions.tests.expected import END, NO_SESSION, START, answer, session, written
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_of


@pytest.fixture
def teacher(half_past_nine, api, alice):
    return api(alice)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("body", [{}, ""])
def test_a_scheduled_session_can_be_ended(half_past_nine, teacher, schedule, strict, body):
    made = schedule(strict=strict)
    response = teacher.post(f"/sessions/{made.pk}/end", body)
    shown = answer(session(made, strict=strict, status="ENDED", updatedAt=half_past_nine))
    assert (response.status_code, response.json()) == (200, shown)
    assert teacher.get(f"/sessions/{made.pk}").json() == shown


@pytest.mark.parametrize(("strict", "moment"), [(True, START), (False, START), (False, END)])
def test_a_live_session_can_be_ended(teacher, schedule, time_machine, strict, moment):
    made = schedule(strict=strict)
    time_machine.move_to(moment, tick=False)
    shown = session(made, strict=strict, status="ENDED", updatedAt=written(moment))
    assert teacher.post(f"/sessions/{made.pk}/end").json() == answer(shown)


def test_repeating_it_changes_nothing(teacher, schedule, time_machine):
    made = schedule(strict=False)
    first = teacher.post(f"/sessions/{made.pk}/end").json()
    time_machine.move_to(END, tick=False)
    again = teacher.post(f"/sessions/{made.pk}/end")
    assert (again.status_code, again.json()) == (200, first)
    assert len(events_of(made)) == 2


def test_a_session_that_ended_by_time_is_not_changed(teacher, schedule, time_machine):
    made = schedule()
    time_machine.move_to(END, tick=False)
    response = teacher.post(f"/sessions/{made.pk}/end")
    assert (response.status_code, response.json()) == (200, answer(session(made, status="ENDED")))
    assert len(events_of(made)) == 1


def test_a_cancelled_session_can_not_be_ended(teacher, alice, schedule):
    made = schedule().cancel(Actor(alice))
    assert verdict(teacher.post(f"/sessions/{made.pk}/end")) == conflict("session_cancelled")


@pytest.mark.parametrize("before", ["scheduled", "ended"])
def test_a_session_of_an_archived_class_is_not_changed(teacher, alice, algebra, schedule, before):
    made = schedule(klass=algebra)
    if before == "ended":
        made.end(Actor(alice))
    algebra.archive(Actor(alice))
    assert verdict(teacher.post(f"/sessions/{made.pk}/end")) == ARCHIVED


@pytest.mark.parametrize(
    ("who", "expected"), [("alice", 200), ("dora", 200), ("admin", 200), ("bob", 403), ("charlie", 403), ("paul", 403)]
)
def test_the_creator_a_class_teacher_and_an_admin_may_end_it(
    request, api, alice, bob, dora, make_user, algebra, schedule, join, who, expected
):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra)
    person = make_user("Paul", "TEACHER") if who == "paul" else request.getfixturevalue(who)
    assert api(person).post(f"/sessions/{made.pk}/end").status_code == expected


def test_a_body_is_refused(teacher, schedule):
    response = teacher.post(f"/sessions/{schedule().pk}/end", {"at": "2026-03-20T10:30:00Z"})
    assert verdict(response) == invalid("at", "unknown_field")


def test_a_credential_is_required(api, schedule):
    assert verdict(api().post(f"/sessions/{schedule().pk}/end")) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_write_sessions(api, alice, schedule):
    client = api(alice, scopes=["sessions:read", "classes:write"])
    assert verdict(client.post(f"/sessions/{schedule().pk}/end")) == forbidden("missing_scope")


def test_a_cookie_needs_its_csrf_token(browser_client, signed_in, alice, schedule):
    path = f"/sessions/{schedule().pk}/end"
    assert verdict(browser_client(alice).post(path)) == forbidden("csrf_failed")
    assert signed_in(alice).post(path).status_code == 200


def test_an_unknown_id_is_not_found(teacher):
    assert verdict(teacher.post(f"/sessions/{NO_SESSION}/end")) == NOT_FOUND
