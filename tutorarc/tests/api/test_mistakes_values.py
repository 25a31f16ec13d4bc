"""Mistakes in names and values, in a body and in a query: the message names the field and says what is right."""

import pytest

from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, verdict

SESSION = {"title": "Algebra", "startTime": "2026-03-14T09:30:00Z", "duration": 60, "teacherId": "t-1"}
SESSION_FIELDS = "title, startTime, duration, strict, teacherId, classId, roomUrl, externalId and signedLinks"
A_TIME = "give a date and time with an offset, such as 2026-03-14T09:30:00Z"
MINUTES = "give a whole number of minutes from 1 to 1440"
ROLES = "give STUDENT or TEACHER."
STATUSES = "give PENDING, APPROVED, REJECTED or REMOVED."


def answer(response):
    """Status, reason, details and message."""
    return (*verdict(response), response.json()["error"]["message"])


@pytest.fixture
def teacher(api, alice):
    return api(alice)


# Names


@pytest.mark.parametrize(
    ("path", "body", "field", "advice"),
    [
        ("/classes", {"title": "A", "Description": "x"}, "Description", "Did you mean description?"),
        ("/classes", {"title": "A", "desciption": "x"}, "desciption", "Did you mean description?"),
        ("/classes", {"title": "A", "start_time": "x"}, "start_time", "Did you mean startTime?"),
        ("/classes", {"title": "A", "teacher_id": "x"}, "teacher_id", "Did you mean teacherId?"),
        ("/classes", SESSION | {"class_id": "x"}, "class_id", "Did you mean classId?"),
        ("/classes", SESSION | {"Strict": True}, "Strict", "Did you mean strict?"),
        ("/sessions", SESSION | {"TEACHERID": "x"}, "TEACHERID", "Did you mean teacherId?"),
        ("/sessions", SESSION | {"start-time": "x"}, "start-time", "Did you mean startTime?"),
        ("/sessions", SESSION | {"teacherID": "x"}, "teacherID", "Did you mean teacherId?"),
    ],
)
def test_a_name_that_differs_a_little_from_a_field(teacher, path, body, field, advice):
    message = f"{field}: there is no such field here. {advice}"
    assert answer(teacher.post(path, body)) == (400, "unknown_field", [(field, "unknown_field")], message)


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "message"),
    [
        ("post", "/classes", {"title": "A", "x": 1}, "x", "there is no such field here, only title and description."),
        ("post", "/classes", SESSION | {"x": 1}, "x", f"there is no such field here, only {SESSION_FIELDS}."),
        ("post", "/classes/{}/archive", {"x": 1}, "x", "there is no such field here: this call takes none."),
        ("patch", "/classes/{}", {"status": "ARCHIVED"}, "status", "this field can't be set here."),
        ("post", "/classes", {"title": "A", "class_code": "X-1234"}, "class_code", "this field can't be set here."),
    ],
)
def test_any_other_name(teacher, algebra, method, path, body, field, message):
    response = getattr(teacher, method)(path.format(algebra.pk), body)
    assert answer(response) == (400, "unknown_field", [(field, "unknown_field")], f"{field}: {message}")


@pytest.mark.parametrize(
    ("query", "field", "advice"),
    [
        ("/classes?pageSize=10", "pageSize", " Did you mean page_size?"),
        ("/classes?Status=ACTIVE", "Status", " Did you mean status?"),
        ("/classes?createdAfter=x", "createdAfter", " Did you mean created_after?"),
        ("/sessions?class_id=x", "class_id", " Did you mean classId?"),
        ("/sessions?starts_after=x", "starts_after", " Did you mean startsAfter?"),
        ("/me?expand=user", "expand", ": this call takes none."),
        ("/api-keys?q=x", "q", ", only cursor and page_size."),
    ],
)
def test_an_unknown_parameter(signed_in, alice, query, field, advice):
    stop = "." if advice.startswith(" ") else ""
    message = f"{field}: there is no such query parameter here{stop}{advice}"
    expected = (400, "unknown_parameter", [(field, "unknown_parameter")], message)
    assert answer(signed_in(alice).get(query)) == expected


def test_a_parameter_given_twice(teacher):
    message = "status: give this parameter once."
    expected = (400, "repeated_parameter", [("status", "repeated_parameter")], message)
    assert answer(teacher.get("/classes?status=ACTIVE&status=ARCHIVED")) == expected


def test_a_name_given_twice_in_a_body(teacher):
    response = teacher.post("/classes", '{"title": "Algebra", "title": "Biology"}')
    message = "title: give this name once in the same object."
    assert answer(response) == (400, "repeated_field", [("title", "repeated_field")], message)


def test_several_mistakes_are_named_together(teacher):
    body = {"Title": "Algebra", "duration": "60", "startTime": "tomorrow", "Strict": True}
    details = [
        ("title", "required"),
        ("startTime", "moment"),
        ("duration", "invalid"),
        ("teacherId", "required"),
        ("Title", "unknown_field"),
        ("Strict", "unknown_field"),
    ]
    message = "Several values are wrong: title, startTime, duration, teacherId and others. See details."
    assert answer(teacher.post("/sessions", body)) == (400, "invalid_fields", details, message)


# Types


@pytest.mark.parametrize(
    ("changes", "field", "code", "message"),
    [
        ({"title": 7}, "title", "invalid", "give text, not a number."),
        ({"title": True}, "title", "invalid", "give text, not true."),
        ({"title": ["A"]}, "title", "invalid", "give text, not a list."),
        ({"title": {"en": "A"}}, "title", "invalid", "give text, not an object."),
        ({"title": None}, "title", "null", "this field may not be null."),
        ({"title": "  "}, "title", "blank", "this field may not be blank."),
        ({"duration": "60"}, "duration", "invalid", f"{MINUTES}, not text in quotes."),
        ({"duration": 60.5}, "duration", "invalid", f"{MINUTES}, not 60.5."),
        ({"duration": False}, "duration", "invalid", f"{MINUTES}, not false."),
        ({"duration": [60]}, "duration", "invalid", f"{MINUTES}, not a list."),
        ({"strict": "true"}, "strict", "invalid", "give true or false, not text in quotes."),
        ({"strict": 1}, "strict", "invalid", "give true or false, not a number."),
        ({"startTime": 1773480600}, "startTime", "moment", f"{A_TIME}, not a number."),
        ({"teacherId": 123}, "teacherId", "invalid", "give text, not a number."),
        ({"classId": 123}, "classId", "malformed_id", "give an id of the form cls_…, not a number."),
        ({"classId": "usr_1"}, "classId", "malformed_id", "this is not an id of the form cls_…."),
    ],
)
def test_a_value_of_the_wrong_type(teacher, changes, field, code, message):
    response = teacher.post("/sessions", SESSION | changes)
    assert answer(response) == (400, "invalid_fields", [(field, code)], f"{field}: {message}")


@pytest.mark.parametrize("field", SESSION)
def test_a_field_that_is_missing(teacher, field):
    body = {name: value for name, value in SESSION.items() if name != field}
    expected = (400, "invalid_fields", [(field, "required")], f"{field}: this field is required.")
    assert answer(teacher.post("/sessions", body)) == expected


@pytest.mark.parametrize(
    ("user_ids", "field", "code", "message"),
    [
        ("usr_00000000000000000000000000", "user_ids", "not_a_list", "give a list, not text in quotes."),
        ({"0": "usr_1"}, "user_ids", "not_a_list", "give a list, not an object."),
        ([], "user_ids", "min_length", "give 1 to 500 ids, not 0."),
        (["usr_1"] * 501, "user_ids", "max_length", "give 1 to 500 ids, not 501."),
        ([1], "user_ids[0]", "malformed_id", "give an id of the form usr_…, not a number."),
        (["bob@example.org"], "user_ids[0]", "malformed_id", "this is not an id of the form usr_…."),
    ],
)
def test_a_wrong_list_of_ids(teacher, algebra, user_ids, field, code, message):
    response = teacher.post(f"/classes/{algebra.pk}/members/approve", {"user_ids": user_ids})
    assert answer(response) == (400, "invalid_fields", [(field, code)], f"{field}: {message}")


# Choices


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("student", f"{ROLES} Did you mean STUDENT?"),
        ("Techer", f"{ROLES} Did you mean TEACHER?"),
        ("ADMIN", ROLES),
        (1, "give STUDENT or TEACHER, not a number."),
    ],
)
def test_a_role_that_is_none(teacher, algebra, bob, role, message):
    response = teacher.post(f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": role})
    assert answer(response) == (400, "invalid_fields", [("role", "invalid_choice")], f"role: {message}")


def test_a_scope_that_is_none(signed_in, alice):
    response = signed_in(alice).post("/api-keys", {"name": "Sync", "scopes": ["class:read"]})
    known = (
        "classes:read, classes:write, members:read, members:write, sessions:read, sessions:write, events:read, "
        "webhooks:read, webhooks:write, users:read or users:write"
    )
    message = f"scopes[0]: give {known}. Did you mean classes:read?"
    assert answer(response) == (400, "invalid_fields", [("scopes[0]", "invalid_choice")], message)


@pytest.mark.parametrize(
    ("query", "field", "code", "message"),
    [
        ("/classes?status=active", "status", "invalid_choice", "give ACTIVE or ARCHIVED. Did you mean ACTIVE?"),
        ("/classes?status=OPEN", "status", "invalid_choice", "give ACTIVE or ARCHIVED."),
        (
            "/classes?ordering=-createdAt",
            "ordering",
            "invalid_choice",
            "give created_at, -created_at, title or -title. Did you mean -created_at?",
        ),
        ("/classes?ordering=name", "ordering", "invalid_choice", "give created_at, -created_at, title or -title."),
        ("/classes/{}/members?status=50%25", "status", "invalid_choice", STATUSES),
        ("/classes/{}/members?role=teacher", "role", "invalid_choice", f"{ROLES} Did you mean TEACHER?"),
        ("/classes/{}/members?expand=users", "expand", "invalid", "give user. Did you mean user?"),
        ("/classes?status=", "status", "blank", "give a value, or leave it out."),
    ],
)
def test_a_parameter_that_is_none_of_the_choices(teacher, algebra, query, field, code, message):
    expected = (400, "invalid_parameter", [(field, code)], f"{field}: {message}")
    assert answer(teacher.get(query.format(algebra.pk))) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "role: give student or teacher."),
        ("?role=STUDENT", "role: give student or teacher. Did you mean student?"),
    ],
)
def test_a_role_of_admission_that_is_none(teacher, schedule, query, message):
    response = teacher.get(f"/sessions/{schedule().pk}/admission{query}")
    assert answer(response) == (400, "invalid_parameter", [("role", "invalid")], message)


# Ranges


@pytest.mark.parametrize(
    ("changes", "field", "code", "message"),
    [
        ({"duration": 0}, "duration", "min_value", f"{MINUTES}, not 0."),
        ({"duration": -30}, "duration", "min_value", f"{MINUTES}, not -30."),
        ({"duration": 1441}, "duration", "max_value", f"{MINUTES}, not 1441."),
        ({"duration": 1e300}, "duration", "max_value", f"{MINUTES}, not 10000000000000000525."),
        ({"title": "x" * 201}, "title", "max_length", "give at most 200 characters, not 201."),
        ({"teacherId": "x" * 129}, "teacherId", "max_length", "give at most 128 characters, not 129."),
    ],
)
def test_a_value_out_of_range(teacher, changes, field, code, message):
    response = teacher.post("/sessions", SESSION | changes)
    assert answer(response) == (400, "invalid_fields", [(field, code)], f"{field}: {message}")


@pytest.mark.parametrize("hours", [-1, 721])
def test_an_overlap_out_of_range(signed_in, alice, hours):
    client = signed_in(alice)
    key_id = client.post("/api-keys", {"name": "Sync"}).json()["id"]
    status, reason, _, message = answer(client.post(f"/api-keys/{key_id}/rotate", {"overlap_hours": hours}))
    expected = f"overlap_hours: give a whole number of hours from 0 to 720, not {hours}."
    assert (status, reason, message) == (400, "invalid_fields", expected)


@pytest.mark.parametrize("size", ["0", "101", "all"])
def test_a_page_size_out_of_range(teacher, size):
    message = "page_size: give a whole number of rows from 1 to 100."
    expected = (400, "invalid_parameter", [("page_size", "invalid")], message)
    assert answer(teacher.get(f"/classes?page_size={size}")) == expected


def test_a_cursor_that_is_none(teacher):
    message = "cursor: this cursor is not valid: use the links next and previous."
    assert answer(teacher.get("/classes?cursor=2")) == (400, "bad_cursor", [("cursor", "invalid")], message)


def test_an_end_after_the_year_9999(teacher):
    message = "startTime: the session must end before the year 10000."
    response = teacher.post("/sessions", SESSION | {"startTime": "9999-12-31T23:30:00Z"})
    assert answer(response) == (400, "ends_too_late", [("startTime", "too_late")], message)


# Times


TIMES = [
    ("2026-03-14T09:30:00", "the offset is missing: add Z for UTC, or one such as +01:00."),
    ("2026-03-14 09:30:00.5", "the offset is missing: add Z for UTC, or one such as +01:00."),
    ("2026-03-14T09:30:00+0100", "the offset has the form +01:00."),
    ("2026-03-14T09:30:00-05", "the offset has the form +01:00."),
    ("2026-03-14T09:30:00 01:00", "in an address a + means a space: write it as %2B."),
    ("2026-03-14T09:30Z", "the seconds are missing."),
    ("2026-03-14T09:30", "the seconds are missing."),
    ("2026-03-14", "the time of day is missing."),
    ("1773480600", "this is only a number."),
    ("2026-02-30T09:30:00Z", "there is no such day or time."),
    ("2026-03-14T25:00:00Z", "there is no such day or time."),
    ("14/03/2026 09:30", ""),
    ("tomorrow", ""),
]


@pytest.mark.parametrize(("text", "fault"), TIMES)
def test_a_text_that_is_no_time(teacher, text, fault):
    form = f" G{A_TIME[1:]}." if fault else f"{A_TIME}."
    response = teacher.post("/sessions", SESSION | {"startTime": text})
    assert answer(response) == (400, "invalid_fields", [("startTime", "moment")], f"startTime: {fault}{form}")
    response = teacher.get("/sessions", {"startsAfter": text})
    assert answer(response) == (400, "invalid_parameter", [("startsAfter", "invalid")], f"startsAfter: {fault}{form}")


def test_an_offset_whose_plus_is_not_encoded(teacher):
    message = f"created_after: in an address a + means a space: write it as %2B. G{A_TIME[1:]}."
    expected = (400, "invalid_parameter", [("created_after", "invalid")], message)
    assert answer(teacher.get("/classes?created_after=2026-03-14T09:30:00+01:00")) == expected


# For the reader


def test_a_student_is_not_asked_to_do_what_a_teacher_can_do(api, alice, bob, algebra):
    algebra.archive(Actor(alice))
    response = api(bob).post("/join-requests", {"class_code": algebra.class_code})
    message = "This class is archived and read-only until a teacher of the class unarchives it."
    assert answer(response) == (*conflict("class_archived"), message)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("PENDING", "You already asked to join. A teacher has to approve your request."),
        ("APPROVED", "You are already in this class."),
        ("REJECTED", "Your request was declined. Ask your teacher to let you back in."),
        ("REMOVED", "You are no longer in this class. Ask your teacher to let you back in."),
    ],
)
def test_a_student_who_asks_again_learns_how_the_first_request_stands(api, bob, algebra, join, status, message):
    join(algebra, bob, status)
    response = api(bob).post("/join-requests", {"class_code": algebra.class_code})
    assert answer(response) == (*conflict("already_on_record"), message)


def test_the_last_teacher_is_told_what_to_do_first(api, alice, algebra):
    response = api(alice).post(f"/classes/{algebra.pk}/leave")
    message = "This person is the last active teacher of the class. Make somebody else a teacher first."
    assert answer(response) == (*conflict("last_teacher"), message)
