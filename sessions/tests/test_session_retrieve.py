import pytest

from sessions.tests.expected import NO_SESSION, answer, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict


def test_a_session_is_shown_with_all_fields(half_past_nine, api, alice, schedule):
    made = schedule()
    response = api(alice).get(f"/sessions/{made.pk}")
    assert (response.status_code, response.json()) == (200, answer(session(made)))


def test_a_session_of_a_class_contains_the_class_id(half_past_nine, api, alice, algebra, schedule):
    made = schedule(klass=algebra)
    assert api(alice).get(f"/sessions/{made.pk}").json() == answer(session(made, classId=algebra.pk))


@pytest.mark.parametrize("who", ["alice", "dora", "admin"])
def test_the_creator_a_class_teacher_and_an_admin_see_both_links(
    half_past_nine, request, api, alice, dora, algebra, schedule, who
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra)
    response = api(request.getfixturevalue(who)).get(f"/sessions/{made.pk}")
    assert response.json() == answer(session(made, classId=algebra.pk))


@pytest.mark.parametrize("who", ["bob", "dora"])
def test_other_members_of_its_class_see_it_without_the_teacher_link(
    half_past_nine, request, api, alice, bob, dora, algebra, schedule, join, who
):
    join(algebra, bob)
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    made = schedule(klass=algebra)
    response = api(request.getfixturevalue(who)).get(f"/sessions/{made.pk}")
    assert response.json() == answer(session(made, classId=algebra.pk, teacherLink=None))


def test_a_creator_who_left_the_class_does_not_see_it(api, alice, dora, algebra, schedule):
    made = schedule(klass=algebra)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.leave(algebra, Actor(alice))
    assert verdict(api(alice).get(f"/sessions/{made.pk}")) == forbidden("not_a_member")


def test_a_creator_who_became_a_student_of_the_class_sees_it_without_the_teacher_link(
    half_past_nine, api, alice, dora, algebra, schedule
):
    made = schedule(klass=algebra)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.change_role(algebra, alice.pk, "STUDENT", Actor(dora))
    shown = session(made, classId=algebra.pk, teacherLink=None)
    assert api(alice).get(f"/sessions/{made.pk}").json() == answer(shown)


@pytest.mark.parametrize("status", [None, "PENDING", "REJECTED", "REMOVED"])
def test_a_student_without_approved_membership_is_forbidden(api, bob, algebra, schedule, join, status):
    if status:
        join(algebra, bob, status)
    made = schedule(klass=algebra)
    assert verdict(api(bob).get(f"/sessions/{made.pk}")) == forbidden("not_a_member")


@pytest.mark.parametrize("who", ["bob", "dora"])
def test_a_session_without_a_class_is_visible_to_its_creator_only(request, api, algebra, bob, schedule, join, who):
    join(algebra, bob)
    made = schedule()
    assert verdict(api(request.getfixturevalue(who)).get(f"/sessions/{made.pk}")) == forbidden("not_the_owner")


def test_a_session_of_an_archived_class_can_still_be_read(half_past_nine, api, alice, bob, algebra, schedule, join):
    join(algebra, bob)
    made = schedule(klass=algebra)
    algebra.archive(Actor(alice))
    shown = session(made, classId=algebra.pk, teacherLink=None)
    assert api(bob).get(f"/sessions/{made.pk}").json() == answer(shown)


@pytest.mark.parametrize(
    ("moment", "strict", "status"),
    [
        ("2026-03-20T09:59:59Z", True, "SCHEDULED"),
        ("2026-03-20T10:00:00Z", True, "LIVE"),
        ("2026-03-20T10:59:59Z", True, "LIVE"),
        ("2026-03-20T11:00:00Z", True, "ENDED"),
        ("2026-03-20T10:00:00Z", False, "LIVE"),
        ("2030-01-01T00:00:00Z", False, "LIVE"),
    ],
)
def test_only_a_strict_session_ends_by_time(api, alice, schedule, time_machine, moment, strict, status):
    client, made = api(alice), schedule(strict=strict)
    time_machine.move_to(moment, tick=False)
    shown = session(made, strict=strict, status=status)
    assert client.get(f"/sessions/{made.pk}").json() == answer(shown)


@pytest.mark.parametrize(
    "session_id", [NO_SESSION, "session_1", "1", "cls_01h455vb4pex5vsknk084sn02q", NO_SESSION[:-1]]
)
def test_an_unknown_id_is_not_found(api, alice, session_id):
    assert verdict(api(alice).get(f"/sessions/{session_id}")) == NOT_FOUND


def test_a_credential_is_required(api, schedule):
    assert verdict(api().get(f"/sessions/{schedule().pk}")) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_read_sessions(api, alice, schedule):
    made = schedule()
    assert verdict(api(alice, scopes=["sessions:write"]).get(f"/sessions/{made.pk}")) == forbidden("missing_scope")
    assert api(alice, scopes=["sessions:read"]).get(f"/sessions/{made.pk}").status_code == 200


def test_a_query_parameter_is_refused(api, alice, schedule):
    response = api(alice).get(f"/sessions/{schedule().pk}?expand=user")
    assert verdict(response) == invalid("expand", "unknown_parameter")


def test_a_session_costs_two_statements(api, alice, algebra, schedule, django_assert_num_queries):
    client, made = api(alice), schedule(klass=algebra)
    with django_assert_num_queries(2):
        client.get(f"/sessions/{made.pk}")
