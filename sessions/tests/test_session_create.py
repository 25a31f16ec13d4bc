import pytest
from django.test.client import MULTIPART_CONTENT

from classes.models import Class
from members.tests.expected import ARCHIVED, NO_CLASS
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY, answer, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import UNAUTHENTICATED, conflict, forbidden, invalid, invalid_fields, verdict


@pytest.mark.parametrize("credential", ["key", "cookie"])
def test_a_teacher_schedules_a_session_and_gets_all_its_fields(half_past_nine, api, signed_in, alice, credential):
    client = {"key": api, "cookie": signed_in}[credential](alice)
    response = client.post("/sessions", SESSION_BODY)
    made = LiveSession.objects.get()
    assert response.status_code == 201
    assert response.json() == answer(session(made))
    assert made.created_by == alice


def test_a_session_of_a_class_contains_the_class_id(half_past_nine, api, alice, algebra):
    response = api(alice).post("/sessions", {**SESSION_BODY, "classId": algebra.pk})
    made = LiveSession.objects.get()
    assert (response.status_code, response.json()) == (201, answer(session(made, classId=algebra.pk)))
    assert made.klass == algebra


@pytest.mark.parametrize(
    ("moment", "strict", "status"),
    [
        ("09:59:59", True, "SCHEDULED"),
        ("10:00:00", True, "LIVE"),
        ("10:59:59", True, "LIVE"),
        ("11:00:00", True, "ENDED"),
        ("09:59:59", False, "SCHEDULED"),
        ("10:00:00", False, "LIVE"),
        ("11:00:00", False, "LIVE"),
    ],
)
def test_the_status_of_a_new_session_depends_on_the_time(api, alice, time_machine, moment, strict, status):
    client = api(alice)
    time_machine.move_to(f"2026-03-20T{moment}+00:00", tick=False)
    response = client.post("/sessions", {**SESSION_BODY, "strict": strict})
    assert response.json() == answer(session(LiveSession.objects.get(), strict=strict, status=status))


def test_strict_is_false_by_default(half_past_nine, api, alice):
    body = {name: value for name, value in SESSION_BODY.items() if name != "strict"}
    assert api(alice).post("/sessions", body).json() == answer(session(LiveSession.objects.get(), strict=False))


def test_an_empty_body_names_every_required_field(api, alice):
    required = [(field, "required") for field in ("title", "startTime", "duration", "teacherId")]
    assert verdict(api(alice).post("/sessions")) == invalid_fields(required)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", " ", "blank"),
        ("title", 7, "invalid"),
        ("startTime", "2026-03-20T10:00:00", "moment"),
        ("startTime", "9999-12-31T23:59:59Z", "too_late"),
        ("duration", "60", "invalid"),
        ("duration", 60.5, "invalid"),
        ("duration", True, "invalid"),
        ("duration", 1441, "max_value"),
        ("strict", "yes", "invalid"),
        ("teacherId", "x" * 129, "max_length"),
        ("classId", "algebra", "malformed_id"),
        ("status", "LIVE", "unknown_field"),
        ("description", "", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_creates_nothing(api, alice, field, value, code):
    assert verdict(api(alice).post("/sessions", {**SESSION_BODY, field: value})) == invalid(field, code)
    assert LiveSession.objects.count() == 0


def test_a_class_body_is_refused(api, alice):
    assert api(alice).post("/sessions", {"title": "Algebra"}).status_code == 400
    assert Class.objects.count() == 0


def test_a_query_parameter_is_refused(api, alice):
    assert verdict(api(alice).post("/sessions?strict=true", SESSION_BODY)) == invalid("strict", "unknown_parameter")


def test_a_student_may_not_schedule(api, bob):
    assert verdict(api(bob).post("/sessions", SESSION_BODY)) == forbidden("wrong_role")
    assert LiveSession.objects.count() == 0


def test_an_admin_schedules_in_any_class(api, admin, algebra):
    assert api(admin).post("/sessions", {**SESSION_BODY, "classId": algebra.pk}).status_code == 201


def test_a_credential_is_required(db, api):
    assert verdict(api().post("/sessions", SESSION_BODY)) == UNAUTHENTICATED


def test_a_key_needs_the_scope_to_write_sessions(api, alice):
    response = api(alice, scopes=["sessions:read", "classes:write"]).post("/sessions", SESSION_BODY)
    assert verdict(response) == forbidden("missing_scope")
    assert api(alice, scopes=["sessions:write"]).post("/sessions", SESSION_BODY).status_code == 201


@pytest.mark.parametrize("role", [None, "STUDENT"])
def test_a_class_that_the_caller_does_not_teach_is_forbidden(api, algebra, alice, dora, role):
    if role:
        algebra.memberships.enrol(algebra, dora, role, Actor(alice))
    reason = "wrong_role" if role else "not_a_member"
    assert verdict(api(dora).post("/sessions", {**SESSION_BODY, "classId": algebra.pk})) == forbidden(reason)


def test_a_class_that_does_not_exist_is_a_conflict(api, alice):
    response = api(alice).post("/sessions", {**SESSION_BODY, "classId": NO_CLASS})
    assert verdict(response) == conflict("unknown_class")


def test_an_archived_class_accepts_no_session(api, algebra, alice):
    algebra.archive(Actor(alice))
    assert verdict(api(alice).post("/sessions", {**SESSION_BODY, "classId": algebra.pk})) == ARCHIVED
    assert LiveSession.objects.count() == 0


def test_form_values_of_a_teacher_are_converted_to_their_types(half_past_nine, signed_in, alice):
    form = {**SESSION_BODY, "startTime": "2026-03-20T10:00", "duration": "60", "strict": "true", "classId": ""}
    response = signed_in(alice).post("/sessions", form, content_type=MULTIPART_CONTENT)
    assert response.json() == answer(session(LiveSession.objects.get()))


@pytest.mark.parametrize("class_id", ["a stranger's", "unknown"])
def test_an_end_after_the_year_9999_is_checked_before_the_class(api, dora, algebra, class_id):
    named = {"a stranger's": algebra.pk, "unknown": "cls_01h455vb4pex5vsknk084sn02q"}[class_id]
    late = SESSION_BODY | {"startTime": "9999-12-31T23:59:59Z", "classId": named}
    assert api(dora).post("/sessions", late).status_code == 400


def test_the_teacher_id_is_stored_unchanged(api, alice):
    made = api(alice).post("/sessions", SESSION_BODY | {"teacherId": "  a b "}).json()["data"]
    assert made["teacherId"] == "  a b "
    assert len(api(alice).get("/sessions", {"teacherId": "  a b "}).json()["data"]) == 1
