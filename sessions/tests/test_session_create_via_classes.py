"""Creating a live session with `POST /classes`: the published call, and which bodies are live sessions."""

import pytest
from django.test.client import MULTIPART_CONTENT

from classes.models import Class
from members.tests.expected import ARCHIVED, NO_CLASS
from sessions.models import LiveSession
from sessions.scheduling_views import is_live_session
from sessions.tests.expected import SESSION_BODY, answer, links, session
from tutorarc.domain.events import Actor
from tutorarc.testing.client import UNAUTHENTICATED, conflict, forbidden, invalid, invalid_fields, verdict

PUBLISHED_BODY = (
    '{"title":"Introduction to Calculus","startTime":"2026-03-20T10:00:00Z","duration":60,"strict":true,'
    '"teacherId":"teacher_123"}'
)


def session_body(**changes):
    """The published body with changes; a field of None is left out."""
    return {name: value for name, value in {**SESSION_BODY, **changes}.items() if value is not None}


@pytest.fixture(params=["key", "cookie"])
def teacher(request, api, signed_in, alice):
    """Alice, with an API key, or in the browsable API."""
    return {"key": api, "cookie": signed_in}[request.param](alice)


# The document


def test_the_published_call_gets_the_published_answer(teacher):
    response = teacher.post("/classes", PUBLISHED_BODY)
    session_id = LiveSession.objects.get().pk
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.content.decode() == (
        '{"status":"success","data":{'
        f'"sessionId":"{session_id}",'
        f'"teacherLink":"https://board.tutorarc.com/board?id={session_id}&role=teacher",'
        f'"studentLink":"https://board.tutorarc.com/join?id={session_id}"}}}}'
    )


def test_the_published_call_creates_a_session_and_no_class(half_past_nine, teacher, alice):
    session_id = teacher.post("/classes", SESSION_BODY).json()["data"]["sessionId"]
    made = LiveSession.objects.get()
    assert (made.pk, made.created_by) == (session_id, alice)
    assert teacher.get(f"/sessions/{session_id}").json() == answer(session(made))
    assert Class.objects.count() == 0


def test_each_call_creates_another_session(teacher):
    ids = [teacher.post("/classes", SESSION_BODY).json()["data"]["sessionId"] for _ in range(2)]
    assert [made.pk for made in LiveSession.objects.order_by("pk")] == ids


# The fields


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("title", "x", "x"),
        ("title", "x" * 200, "x" * 200),
        ("title", "  Calculus  ", "Calculus"),
        ("title", "Анализ 💥", "Анализ 💥"),
        ("startTime", "2026-03-20T15:30:00+05:30", "2026-03-20T10:00:00Z"),
        ("startTime", "2026-03-20T02:00:00-08:00", "2026-03-20T10:00:00Z"),
        ("startTime", "2026-03-20t10:00:00z", "2026-03-20T10:00:00Z"),
        ("startTime", "2026-03-20T10:00:00.5Z", "2026-03-20T10:00:00.500000Z"),
        ("startTime", "1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z"),
        ("startTime", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("startTime", "9999-12-31T22:59:59Z", "9999-12-31T22:59:59Z"),
        ("duration", 1, 1),
        ("duration", 1440, 1440),
        ("duration", 60.0, 60),
        ("strict", True, True),
        ("strict", False, False),
        ("strict", None, False),
        ("teacherId", "1", "1"),
        ("teacherId", "x" * 128, "x" * 128),
    ],
)
def test_a_field_is_stored_unchanged(api, alice, field, sent, kept):
    client = api(alice)
    response = client.post("/classes", session_body(**{field: sent}))
    session_id = response.json()["data"]["sessionId"]
    assert response.json() == answer(links(session_id))
    assert client.get(f"/sessions/{session_id}").json()["data"][field] == kept


@pytest.mark.parametrize("field", ["title", "startTime", "duration", "teacherId"])
def test_title_start_duration_and_teacher_are_required(api, alice, field):
    assert verdict(api(alice).post("/classes", session_body(**{field: None}))) == invalid(field, "required")


EITHER_SCOPE = "This API key lacks the scope sessions:write or classes:write."
NOT_A_MOMENT = [
    "2026-03-20T10:00:00",
    "2026-03-20",
    "2026-03-20T10:00Z",
    "2026-03-20T10:00:00 Z",
    "2026-02-30T10:00:00Z",
    "2026-03-20T25:00:00Z",
    "10000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "tomorrow",
    "",
    1773999600,
    True,
    ["2026-03-20T10:00:00Z"],
    {},
]
REFUSED = [
    ("title", "", "blank"),
    ("title", "   ", "blank"),
    ("title", "x" * 201, "max_length"),
    ("title", "x\0", "null_characters_not_allowed"),
    ("title", 7, "invalid"),
    ("title", True, "invalid"),
    ("title", ["x"], "invalid"),
    *(("startTime", value, "moment") for value in NOT_A_MOMENT),
    ("startTime", "9999-12-31T23:00:00Z", "too_late"),
    ("duration", 0, "min_value"),
    ("duration", -60, "min_value"),
    ("duration", 1441, "max_value"),
    ("duration", 10**18, "max_value"),
    ("duration", 1e300, "max_value"),
    ("duration", 60.5, "invalid"),
    ("duration", "60", "invalid"),
    ("duration", "an hour", "invalid"),
    ("duration", True, "invalid"),
    ("duration", [60], "invalid"),
    ("strict", "yes", "invalid"),
    ("strict", "true", "invalid"),
    ("strict", 1, "invalid"),
    ("strict", 0, "invalid"),
    ("strict", [], "invalid"),
    ("strict", {}, "invalid"),
    ("teacherId", "", "blank"),
    ("teacherId", "x" * 129, "max_length"),
    ("teacherId", "x\0", "null_characters_not_allowed"),
    ("teacherId", 123, "invalid"),
    ("classId", "algebra", "malformed_id"),
    ("classId", "session_01h455vb4pex5vsknk084sn02q", "malformed_id"),
    ("classId", "", "blank"),
    ("classId", 7, "malformed_id"),
    ("endTime", "2026-03-20T11:00:00Z", "unknown_field"),
    ("sessionId", "session_01h455vb4pex5vsknk084sn02q", "unknown_field"),
    ("description", "A field of a class.", "unknown_field"),
    ("teacher_id", "teacher_123", "unknown_field"),
]


@pytest.mark.parametrize(("field", "value", "code"), REFUSED)
def test_a_wrong_value_is_refused_and_creates_nothing(api, alice, field, value, code):
    assert verdict(api(alice).post("/classes", session_body(**{field: value}))) == invalid(field, code)
    assert LiveSession.objects.count() == 0


@pytest.mark.parametrize("field", [*SESSION_BODY, "classId"])
def test_no_field_is_null(api, alice, field):
    assert verdict(api(alice).post("/classes", {**SESSION_BODY, field: None})) == invalid(field, "null")


def test_every_wrong_field_is_named(api, alice):
    response = api(alice).post("/classes", {"title": "", "startTime": "now", "strict": "no", "duratoin": 60})
    status, reason, details = verdict(response)
    assert (status, reason) == (400, "invalid_fields")
    assert sorted(details) == [
        ("duration", "required"),
        ("duratoin", "unknown_field"),
        ("startTime", "moment"),
        ("strict", "invalid"),
        ("teacherId", "required"),
        ("title", "blank"),
    ]


# Which document


@pytest.mark.parametrize("field", ["startTime", "duration", "strict", "teacherId", "classId"])
@pytest.mark.parametrize("value", [None, "", 0, "x"])
def test_a_body_with_any_field_of_a_live_session_is_read_as_one(field, value):
    assert is_live_session({"title": "Algebra", "description": "", field: value})


@pytest.mark.parametrize("body", [{}, {"title": "x"}, {"title": "x", "description": ""}, {"start_time": 1}])
def test_a_body_without_them_is_read_as_a_class(body):
    assert not is_live_session(body)


def test_a_title_alone_creates_a_class(teacher):
    response = teacher.post("/classes", {"title": "Introduction to Calculus"})
    assert (response.status_code, response.json()["status"]) == (201, "ACTIVE")
    assert (Class.objects.count(), LiveSession.objects.count()) == (1, 0)


def test_an_incomplete_session_does_not_become_a_class(api, alice):
    response = api(alice).post("/classes", {"title": "Algebra", "strict": False})
    required = [("startTime", "required"), ("duration", "required"), ("teacherId", "required")]
    assert verdict(response) == invalid_fields(required)
    assert (Class.objects.count(), LiveSession.objects.count()) == (0, 0)


# Who


@pytest.mark.parametrize("credential", ["key", "cookie"])
def test_a_student_may_not_schedule(api, signed_in, bob, credential):
    client = {"key": api, "cookie": signed_in}[credential](bob)
    assert verdict(client.post("/classes", SESSION_BODY)) == forbidden("wrong_role")
    assert LiveSession.objects.count() == 0


def test_a_credential_is_required(api, alice):
    assert verdict(api().post("/classes", SESSION_BODY)) == UNAUTHENTICATED


def test_a_cookie_alone_without_its_csrf_token_schedules_nothing(browser_client, alice):
    assert verdict(browser_client(alice).post("/classes", SESSION_BODY)) == forbidden("csrf_failed")


def test_an_admin_may_schedule(api, admin):
    assert api(admin).post("/classes", SESSION_BODY).status_code == 200


@pytest.mark.parametrize(
    ("scopes", "document", "expected"),
    [
        (["sessions:write"], SESSION_BODY, 200),
        (["sessions:write"], {"title": "Algebra"}, "This API key lacks the scope classes:write."),
        (["classes:write"], SESSION_BODY, "This API key lacks the scope sessions:write."),
        (["classes:write"], {"title": "Algebra"}, 201),
        (["classes:write", "sessions:write"], SESSION_BODY, 200),
        (["classes:write", "sessions:write"], {"title": "Algebra"}, 201),
        (
            ["sessions:read", "members:write"],
            SESSION_BODY,
            EITHER_SCOPE,
        ),
    ],
)
def test_the_required_scope_depends_on_the_body(api, alice, scopes, document, expected):
    response = api(alice, scopes=scopes).post("/classes", document)
    if isinstance(expected, int):
        assert response.status_code == expected
    else:
        assert verdict(response) == forbidden("missing_scope")
        assert response.json()["error"]["message"] == expected
        assert (Class.objects.count(), LiveSession.objects.count()) == (0, 0)


def test_a_key_without_the_scope_gets_no_validation_errors(api, alice):
    client = api(alice, scopes=["classes:write"])
    assert verdict(client.post("/classes", {"strict": "yes"})) == forbidden("missing_scope")


# classId


def test_a_session_can_belong_to_a_class_that_the_caller_teaches(teacher, algebra):
    response = teacher.post("/classes", session_body(classId=algebra.pk))
    made = LiveSession.objects.get()
    assert response.json() == answer(links(made.pk))
    assert made.klass == algebra


def test_a_second_teacher_of_the_class_may_schedule_too(api, algebra, alice, dora):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert api(dora).post("/classes", session_body(classId=algebra.pk)).status_code == 200


def test_an_admin_may_schedule_in_any_class(api, algebra, admin):
    assert api(admin).post("/classes", session_body(classId=algebra.pk)).status_code == 200


def test_a_class_that_the_caller_does_not_teach_is_forbidden(api, algebra, dora):
    response = api(dora).post("/classes", session_body(classId=algebra.pk))
    message = "Only a teacher of this class or an administrator (global role ADMIN) may do this."
    assert (verdict(response), response.json()["error"]["message"]) == (forbidden("not_a_member"), message)
    assert LiveSession.objects.count() == 0


def test_a_teacher_who_is_a_student_of_the_class_may_not_schedule(api, algebra, alice, dora):
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    assert verdict(api(dora).post("/classes", session_body(classId=algebra.pk))) == forbidden("wrong_role")


def test_a_teacher_who_left_the_class_may_not_schedule(api, algebra, alice, dora):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.leave(algebra, Actor(alice))
    assert verdict(api(alice).post("/classes", session_body(classId=algebra.pk))) == forbidden("not_a_member")


def test_the_class_is_checked_after_the_fields_of_the_body(api, algebra, dora):
    response = api(dora).post("/classes", session_body(classId=algebra.pk, duration="60"))
    assert verdict(response) == invalid("duration")


def test_a_class_that_does_not_exist_is_a_conflict(api, alice):
    response = api(alice).post("/classes", session_body(classId=NO_CLASS))
    assert verdict(response) == conflict("unknown_class")


def test_an_archived_class_accepts_no_session(api, algebra, alice):
    algebra.archive(Actor(alice))
    assert verdict(api(alice).post("/classes", session_body(classId=algebra.pk))) == ARCHIVED
    assert LiveSession.objects.count() == 0


# Forms


FORM = {**SESSION_BODY, "duration": "60", "strict": "true", "classId": ""}


def test_form_values_of_a_teacher_are_converted_to_their_types(signed_in, alice):
    response = signed_in(alice).post("/classes", FORM, content_type=MULTIPART_CONTENT)
    made = LiveSession.objects.get()
    assert response.json() == answer(links(made.pk))
    assert (made.duration, made.strict, made.klass) == (60, True, None)


def test_an_unticked_box_of_a_form_is_false(signed_in, alice):
    form = {name: value for name, value in FORM.items() if name != "strict"}
    signed_in(alice).post("/classes", form, content_type=MULTIPART_CONTENT)
    assert LiveSession.objects.get().strict is False


def test_a_form_sent_with_a_key_is_not_read(api, alice):
    response = api(alice).post("/classes", FORM, content_type=MULTIPART_CONTENT)
    assert verdict(response) == (415, "unsupported_media_type", [])
    assert LiveSession.objects.count() == 0
