from datetime import timedelta

import pytest

from members.tests.expected import ARCHIVED
from sessions.tests.expected import END, NO_SESSION, SECOND, START, answer, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_of


@pytest.fixture
def teacher(half_past_nine, api, alice):
    return api(alice)


BEGUN, OVER = conflict("session_begun"), conflict("session_over")


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("body", [{}, ""])
def test_a_scheduled_session_can_be_cancelled(half_past_nine, teacher, schedule, strict, body):
    made = schedule(strict=strict)
    response = teacher.post(f"/sessions/{made.pk}/cancel", body)
    shown = answer(session(made, strict=strict, status="CANCELLED", updatedAt=half_past_nine))
    assert (response.status_code, response.json()) == (200, shown)
    assert teacher.get(f"/sessions/{made.pk}").json() == shown


def test_a_session_can_be_cancelled_until_the_second_before_it_begins(teacher, schedule, time_machine):
    time_machine.move_to(START - SECOND, tick=False)
    assert teacher.post(f"/sessions/{schedule().pk}/cancel").status_code == 200


@pytest.mark.parametrize("strict", [True, False])
def test_a_live_session_can_not_be_cancelled(teacher, schedule, time_machine, strict):
    made = schedule(strict=strict)
    time_machine.move_to(START, tick=False)
    assert verdict(teacher.post(f"/sessions/{made.pk}/cancel")) == BEGUN
    assert teacher.get(f"/sessions/{made.pk}").json() == answer(session(made, strict=strict, status="LIVE"))


def test_a_session_that_ended_by_time_can_not_be_cancelled(teacher, schedule, time_machine):
    made = schedule()
    time_machine.move_to(END, tick=False)
    assert verdict(teacher.post(f"/sessions/{made.pk}/cancel")) == OVER


def test_a_session_that_a_user_ended_can_not_be_cancelled(teacher, alice, schedule):
    made = schedule().end(Actor(alice))
    assert verdict(teacher.post(f"/sessions/{made.pk}/cancel")) == OVER


def test_repeating_it_changes_nothing(half_past_nine, teacher, schedule, time_machine):
    made = schedule()
    first = teacher.post(f"/sessions/{made.pk}/cancel").json()
    time_machine.move_to(END + timedelta(days=1), tick=False)  # a cancelled session stays one
    again = teacher.post(f"/sessions/{made.pk}/cancel")
    assert (again.status_code, again.json()) == (200, first)
    assert len(events_of(made)) == 2


@pytest.mark.parametrize("before", ["scheduled", "cancelled"])
def test_a_session_of_an_archived_class_is_not_changed(teacher, alice, algebra, schedule, before):
    made = schedule(klass=algebra)
    if before == "cancelled":
        made.cancel(Actor(alice))
    algebra.archive(Actor(alice))
    assert verdict(teacher.post(f"/sessions/{made.pk}/cancel")) == ARCHIVED


@pytest.mark.parametrize(
    ("who", "expected"), [("alice", 200), ("dora", 200), ("admin", 200), ("bob", 403), ("charlie", 403), ("paul", 403)]
)
def test_the_creator_a_class_teacher_and_an_admin_may_cancel_it(
    half_past_nine, request, api, alice, bob, dora, make_user, algebra, schedule, join, who, expected
):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra)
    person = make_user("Paul", "TEACHER") if who == "paul" else request.getfixturevalue(who)
    assert api(person).post(f"/sessions/{made.pk}/cancel").status_code == expected


def test_a_body_is_refused(teacher, schedule):
    response = teacher.post(f"/sessions/{schedule().pk}/cancel", {"reason": "snow"})
    assert verdict(response) == invalid("reason", "unknown_field")


def test_a_credential_is_required(api, schedule):
    assert verdict(api().post(f"/sessions/{schedule().pk}/cancel")) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_write_sessions(api, alice, schedule):
    client = api(alice, scopes=["sessions:read", "classes:write"])
    assert verdict(client.post(f"/sessions/{schedule().pk}/cancel")) == forbidden("missing_scope")


def test_a_cookie_needs_its_csrf_token(half_past_nine, browser_client, signed_in, alice, schedule):
    path = f"/sessions/{schedule().pk}/cancel"
    assert verdict(browser_client(alice).post(path)) == forbidden("csrf_failed")
    assert signed_in(alice).post(path).status_code == 200


def test_an_unknown_id_is_not_found(teacher):
    assert verdict(teacher.post(f"/sessions/{NO_SESSION}/cancel")) == NOT_FOUND
