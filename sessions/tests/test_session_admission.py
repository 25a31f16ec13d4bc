import pytest

from apikeys import secrets
from sessions.tests.expected import END, NO_SESSION, SECOND, START, answer, written
from tutorarc.domain.events import Actor
from tutorarc.testing.client import (
    NOT_FOUND,
    UNAUTHENTICATED,
    Client,
    forbidden,
    invalid_parameter,
    unauthenticated,
    verdict,
)

BEFORE = "2026-03-20T09:44:59Z"
TEACHER_OPENS = "2026-03-20T09:45:00Z"
TIMES = {"student": "2026-03-20T10:00:00Z", "teacher": TEACHER_OPENS}


def admission(reason, *, opens, closes="2026-03-20T11:00:00Z"):
    return answer(
        {
            "admitted": reason == "open",
            "reason": reason,
            "opensAt": opens,
            "closesAt": closes,
            "title": "Introduction to Calculus",
        }
    )


@pytest.fixture
def made(half_past_nine, schedule):
    return schedule()


@pytest.fixture
def admit(api, made):
    """`admit(client, "student", "…Z")`: who in this role may enter the session, at that time or now."""

    def of(client, role, at=None, session=made):
        return client.get(f"/sessions/{session.pk}/admission", {"role": role, **({"at": at} if at else {})})

    return of


# Students


@pytest.mark.parametrize(
    ("moment", "reason"), [(START - SECOND, "too_early"), (START, "open"), (END - SECOND, "open"), (END, "over")]
)
def test_a_student_needs_no_credential_and_is_admitted_by_time(api, admit, time_machine, moment, reason):
    time_machine.move_to(moment, tick=False)
    response = admit(api(), "student")
    assert (response.status_code, response.json()) == (200, admission(reason, opens=TIMES["student"]))


@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_every_caller_gets_the_same_answer_for_a_student(request, api, admit, who):
    client = api(request.getfixturevalue(who))
    assert (
        admit(client, "student").json()
        == admit(api(), "student").json()
        == admission("too_early", opens=TIMES["student"])
    )


def test_a_wrong_key_is_401_for_a_student_too(api, admit):
    response = api().get("/sessions/x/admission?role=student", headers={"X-API-Key": secrets.new_key()})
    assert verdict(response) == unauthenticated("unknown_key")


def test_a_key_needs_the_scope_to_read_sessions_for_a_student_too(api, alice, admit):
    assert verdict(admit(api(alice, scopes=["sessions:write"]), "student")) == forbidden("missing_scope")


# Teachers


@pytest.mark.parametrize(
    ("moment", "reason"), [(BEFORE, "too_early"), (TEACHER_OPENS, "open"), (written(START), "open"), (END, "over")]
)
def test_a_teacher_is_admitted_from_15_minutes_before_the_start(api, alice, admit, time_machine, moment, reason):
    client = api(alice)
    time_machine.move_to(moment, tick=False)
    assert admit(client, "teacher").json() == admission(reason, opens=TEACHER_OPENS)


def test_a_caller_without_credential_is_not_admitted_as_teacher(api, admit):
    response = admit(api(), "teacher")
    assert verdict(response) == UNAUTHENTICATED
    assert response.headers["WWW-Authenticate"] == 'ApiKey realm="TutorArc", header="X-API-Key"'


def test_the_cookie_identifies_a_teacher_too(signed_in, alice, admit):
    assert admit(signed_in(alice), "teacher", TEACHER_OPENS).json() == admission("open", opens=TEACHER_OPENS)


@pytest.mark.parametrize("who", ["bob", "charlie", "dora"])
@pytest.mark.parametrize("at", [BEFORE, written(START), written(END)])
def test_a_user_who_may_not_change_the_session_is_not_its_teacher(
    request, half_past_nine, api, admit, bob, algebra, join, schedule, who, at
):
    join(algebra, bob)
    response = admit(api(request.getfixturevalue(who)), "teacher", at, session=schedule(klass=algebra))
    assert (response.status_code, response.json()) == (200, admission("not_a_teacher", opens=TEACHER_OPENS))


@pytest.mark.parametrize("who", ["alice", "dora", "admin"])
def test_the_creator_a_class_teacher_and_an_admin_count_as_its_teachers(
    request, half_past_nine, api, admit, alice, dora, algebra, schedule, who
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    response = admit(api(request.getfixturevalue(who)), "teacher", TEACHER_OPENS, session=schedule(klass=algebra))
    assert response.json() == admission("open", opens=TEACHER_OPENS)


def test_a_creator_who_was_removed_from_the_class_is_no_teacher_of_it(
    half_past_nine, api, admit, alice, dora, algebra, schedule
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    made = schedule(klass=algebra, by=dora)
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    response = admit(api(dora), "teacher", TEACHER_OPENS, session=made)
    assert response.json() == admission("not_a_teacher", opens=TEACHER_OPENS)


# Both


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_without_strict_entry_is_open_from_creation_and_never_closes(half_past_nine, api, alice, admit, schedule, role):
    lenient = schedule(strict=False)
    opens = written(lenient.created_at)
    client = api(alice)
    expected = admission("open", opens=opens, closes=None)
    assert admit(client, role, opens, session=lenient).json() == expected
    assert admit(client, role, "9999-12-31T23:59:59Z", session=lenient).json() == expected


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize(("state", "reason"), [("end", "over"), ("cancel", "cancelled"), ("archive", "class_archived")])
def test_the_answer_says_why_entry_is_refused(
    half_past_nine, api, alice, admit, algebra, schedule, time_machine, role, state, reason
):
    made = schedule(klass=algebra)
    getattr(algebra if state == "archive" else made, state)(Actor(alice))
    client = api(alice)
    time_machine.move_to(START, tick=False)
    assert admit(client, role, session=made).json() == admission(reason, opens=TIMES[role])


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("2026-03-20T10:00:00Z", "open"),
        ("2026-03-20T11:30:00+01:30", "open"),
        ("2026-03-20T11:00:00Z", "over"),
        ("0001-01-01T00:00:00Z", "too_early"),
        ("9999-12-31T23:59:59Z", "over"),
    ],
)
def test_at_previews_another_time(api, alice, admit, role, at, reason):
    assert admit(api(alice), role, at).json() == admission(reason, opens=TIMES[role])


def test_a_session_in_year_1_has_an_entry_time_too(half_past_nine, api, alice, admit, schedule):
    first = "0001-01-01T00:00:00Z"
    made = schedule(start_time=START.replace(year=1, month=1, day=1, hour=0))
    expected = admission("open", opens=first, closes="0001-01-01T01:00:00Z")
    assert [admit(api(alice), role, first, session=made).json() for role in ("student", "teacher")] == [expected] * 2


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "role", "invalid"),
        ("role=", "role", "invalid"),
        ("role=admin", "role", "invalid"),
        ("role=STUDENT", "role", "invalid"),
        ("role=student&at=", "at", "invalid"),
        ("role=student&at=now", "at", "invalid"),
        ("role=student&at=2026-03-20", "at", "invalid"),
        ("role=student&at=2026-03-20T10:00:00", "at", "invalid"),
        ("role=student&at=0001-01-01T00:00:00%2B14:00", "at", "invalid"),
        ("role=student&strict=true", "strict", "unknown_parameter"),
        ("role=student&role=teacher", "role", "repeated_parameter"),
    ],
)
def test_a_wrong_unknown_or_repeated_parameter_is_refused(api, alice, made, query, field, code):
    assert verdict(api(alice).get(f"/sessions/{made.pk}/admission?{query}")) == invalid_parameter(field, code)


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize("session_id", [NO_SESSION, "session_abc123", "x", "cls_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_id_is_not_found(api, alice, role, session_id):
    assert verdict(api(alice).get(f"/sessions/{session_id}/admission?role={role}")) == NOT_FOUND


def test_an_unknown_session_is_404_without_credential_too(db, api):
    assert verdict(api().get(f"/sessions/{NO_SESSION}/admission?role=student")) == NOT_FOUND


def test_admission_accepts_get_only(api, alice, made):
    response = api(alice).post(f"/sessions/{made.pk}/admission?role=student")
    assert verdict(response) == (405, "method_not_allowed", [])


@pytest.mark.parametrize(
    ("client", "role", "count"), [(None, "student", 1), ("alice", "student", 2), ("alice", "teacher", 2)]
)
def test_an_answer_costs_one_statement_besides_authentication(
    request, api, algebra, half_past_nine, schedule, admit, django_assert_num_queries, client, role, count
):
    caller = api(client and request.getfixturevalue(client))
    made = schedule(klass=algebra)
    with django_assert_num_queries(count):
        admit(caller, role, session=made)


@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_a_wrong_key_is_refused_where_none_is_needed(schedule, method):
    stranger = Client(headers={"X-API-Key": "wrong"})
    assert getattr(stranger, method)(f"/sessions/{schedule().pk}/admission?role=student").status_code == 401
