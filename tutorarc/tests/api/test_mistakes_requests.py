"""Mistakes in the address, the method, the media type and the form of a body, and the size of the answers to them."""

import json
import time

import orjson
import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import Client, verdict

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
CLASS_ID = "cls_00000000000000000000000000"
USER_ID = "usr_00000000000000000000000000"
KIB = 1024
NO_CLASS_ID = "The path has no complete id of a class: it begins with cls_ and has to be copied whole."


def answer(response):
    """Status, reason and message; there are no details."""
    status, reason, details = verdict(response)
    assert details == []
    return status, reason, response.json()["error"]["message"]


@pytest.fixture
def teacher(api, alice):
    return api(alice)


# Paths


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def any_mode(request, settings):
    settings.DEBUG = request.param


@pytest.mark.usefixtures("any_mode")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/v1/classes/", "Paths have no trailing slash. Did you mean /api/v1/classes?"),
        (f"/api/v1/classes/{CLASS_ID}/", "Paths have no trailing slash. Did you mean /api/v1/classes/{class_id}?"),
        ("/api/v1//classes", "There is no such path. Did you mean /api/v1/classes?"),
        ("/api/v1/Classes", "There is no such path. Did you mean /api/v1/classes?"),
        ("/api/v1/classes.json", "There is no such path. Did you mean /api/v1/classes?"),
        ("/api/v1/class/cls_1", "There is no such path. Did you mean /api/v1/classes/{class_id}?"),
        ("/api/v1/session", "There is no such path. Did you mean /api/v1/sessions?"),
        ("/api/v1/api_keys", "There is no such path. Did you mean /api/v1/api-keys?"),
        ("/api/v1/classes/cls_1/member", "There is no such path. Did you mean /api/v1/classes/{class_id}/members?"),
        ("/api/v1/classes/cls_1/join", "There is no such path. Did you mean /api/v1/classes/{class_id}/join-request?"),
        ("/api/v1/grades", "There is no such path."),
        ("/api/v1/classes/cls_1/homework", "There is no such path."),
        ("/api/v1/classes/cls_1/x", "There is no such path."),
        ("/api/v1/" + "x" * 5000, "There is no such path."),
        ("/api/classes", "The API is at /api/v1. Did you mean /api/v1/classes?"),
        ("/api/v2/sessions", "The API is at /api/v1. Did you mean /api/v1/sessions?"),
        ("/api/users", "The API is at /api/v1. Did you mean /api/v1/users?"),
        ("/api/v1", "The reference of the API is at /api/docs."),
        ("/api/v1/", "The reference of the API is at /api/docs."),
        ("/api/", "The reference of the API is at /api/docs."),
    ],
)
def test_an_unknown_path_under_api(db, path, message):
    assert answer(Client().get(path)) == (404, "unknown_path", message)


@pytest.mark.parametrize("path", ["/v1/classes", "/classes"])
def test_a_program_that_leaves_the_beginning_of_the_path_out_gets_json(db, path):
    response = Client().get(f"http://testserver{path}", headers={"X-API-Key": "x"})
    assert answer(response) == (404, "unknown_path", "The API is at /api/v1. Did you mean /api/v1/classes?")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"/classes/{CLASS_ID}", "There is no class with this id."),
        ("/classes/{class_id}", NO_CLASS_ID),
        (f"/classes/{USER_ID}", NO_CLASS_ID),
        ("/classes/1", NO_CLASS_ID),
        ("/sessions/session_00000000000000000000000000", "There is no live session with this id."),
        (
            "/sessions/session_abc123",
            "The path has no complete id of a live session: it begins with session_ and has to be copied whole.",
        ),
    ],
)
def test_an_id_in_the_path_that_names_nothing(teacher, path, message):
    assert answer(teacher.get(path)) == (404, "unknown_id", message)


def test_one_of_two_ids_that_names_nothing(teacher, algebra):
    response = teacher.patch(f"/classes/{algebra.pk}/members/{USER_ID}", {"role": "STUDENT"})
    assert answer(response) == (404, "unknown_id", "There is no class or no user with this id.")


# Methods


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", f"/classes/{CLASS_ID}", "GET, PATCH, HEAD and OPTIONS"),
        ("DELETE", f"/classes/{CLASS_ID}", "GET, PATCH, HEAD and OPTIONS"),
        ("PATCH", "/classes", "GET, POST, HEAD and OPTIONS"),
        ("GET", f"/classes/{CLASS_ID}/archive", "POST and OPTIONS"),
        ("POST", "/me", "GET, HEAD and OPTIONS"),
        ("POST", "/api/docs", "GET and HEAD"),
        ("POST", "/api/schema", "GET, HEAD and OPTIONS"),
    ],
)
def test_a_method_that_the_path_does_not_take(teacher, method, path, allowed):
    message = f"{method} is not possible here. This path takes {allowed}."
    assert answer(teacher.generic(method, path, b"{}", JSON)) == (405, "method_not_allowed", message)


# Media types


@pytest.mark.parametrize(
    ("content_type", "instead"),
    [
        ("", ""),
        ("text/plain", ", not text/plain"),
        ("application/xml", ", not application/xml"),
        (FORM, f", not {FORM}"),
        ("multipart/form-data; boundary=x", ", not multipart/form-data; boundary=x"),
        ("application/" + "x" * 1000, f", not application/{'x' * 27}…"),
    ],
)
def test_a_body_of_another_media_type(teacher, content_type, instead):
    message = f"Send the body with the header Content-Type: application/json{instead}."
    response = teacher.generic("POST", "/classes", b'{"title": "Algebra"}', content_type)
    assert answer(response) == (415, "unsupported_media_type", message)


def test_a_compressed_body(teacher):
    response = teacher.post("/classes", {"title": "Algebra"}, headers={"Content-Encoding": "gzip"})
    message = "Send the body uncompressed, without the header Content-Encoding: gzip."
    assert answer(response) == (415, "unsupported_encoding", message)


@pytest.mark.parametrize(
    ("query", "accept", "message"),
    [
        ("", "application/xml", "The Accept header has to include application/json or text/html."),
        ("?format=json", "text/html", "The Accept header has to include application/json."),
        ("?format=xml", "*/*", "Give format=json or format=api, not xml."),
    ],
)
def test_a_representation_that_there_is_not(api, query, accept, message):
    response = api().get(f"/classes{query}", headers={"Accept": accept})
    assert answer(response) == (406, "not_acceptable", message)


# JSON


@pytest.mark.parametrize(
    ("body", "where", "fault"),
    [
        (b'{"title": "Algebra"', "line 1, column 20", "unexpected end of data"),
        (b'{\n  "title": "Algebra",\n}', "line 2, column 21", "trailing comma is not allowed"),
        (b'{\n  "title": "A"\n  "strict": 1\n}', "line 3, column 3", "unexpected character, expected ',' or '}'"),
        (b"{'title': 'Algebra'}", "line 1, column 2", "names and text need double quotes"),
        ("{“title”: “Algebra”}".encode(), "line 1, column 2", "names and text need double quotes"),
        (b'{"title": Algebra}', "line 1, column 11", "unexpected character, expected a JSON value"),
        (b'{"title": "A\nB"}', "line 1, column 13", "unexpected control character in string"),
        (b"title=Algebra", "line 1, column 1", "an object begins with {"),
        (b" ", "line 1, column 1", "input data is empty"),
        (b"\xef\xbb\xbf{}", "line 1, column 1", "UTF-8 byte order mark (BOM) is not supported"),
    ],
)
def test_a_body_that_is_no_json(teacher, body, where, fault):
    response = teacher.generic("POST", "/classes", body, JSON)
    assert answer(response) == (400, "malformed_json", f"The body is not valid JSON at {where}: {fault}.")


@pytest.mark.parametrize(
    ("body", "reason", "message"),
    [
        ('{"title": "Algèbre"}'.encode("latin-1"), "malformed_json", "The body is not in UTF-8."),
        (b"[]", "not_an_object", "The body must be a JSON object, not a list."),
        (b"null", "not_an_object", "The body must be a JSON object, not null."),
        (b'"Algebra"', "not_an_object", "The body must be a JSON object, not text in quotes."),
        (
            json.dumps('{"title": "Algebra"}').encode(),
            "not_an_object",
            "The body is text that contains JSON: encode it only once.",
        ),
        (b"[" * 2000 + b"]" * 2000, "nested_too_deeply", "The body is nested too deeply."),
    ],
)
def test_a_body_that_is_no_object_in_utf_8(teacher, body, reason, message):
    assert answer(teacher.generic("POST", "/classes", body, JSON)) == (400, reason, message)


# Limits


def test_the_next_request_is_possible_in_so_many_seconds(teacher, settings, half_past_nine):
    settings.RATE_LIMIT = 0
    response = teacher.get("/me")
    assert answer(response) == (429, "rate_limited", "Too many requests. Try again in 60 seconds.")


def test_another_host(teacher):
    response = teacher.get("/me", headers={"Host": "evil.example"})
    assert answer(response) == (400, "malformed_request", "The Host header names no host of this server.")


def test_too_many_parameters(teacher):
    response = teacher.get("/me?" + "&".join(f"p{number}=1" for number in range(1001)))
    assert answer(response) == (400, "malformed_request", "At most 1000 parameters or form fields are read.")


LONG = {
    "many unknown names": {f"field{number}": 1 for number in range(60_000)},
    "long unknown names": {"\0" * 9000 + str(number): 1 for number in range(19)},
    "one long name": {"x" * 1_000_000: 1},
    "names similar to a known one": {f"user_ids{number:05}": 1 for number in range(50_000)},
    "many wrong ids": {"user_ids": [1] * 400_000},
    "many malformed ids": {"user_ids": ["usr_1"] * 500},
    "a long id": {"user_ids": ["x" * 1_000_000]},
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_refusing_a_long_body_costs_little_and_answers_briefly(teacher, algebra, body):
    encoded = orjson.dumps(body)
    begin = time.process_time()
    response = teacher.generic("POST", f"/classes/{algebra.pk}/members/approve", encoded, JSON)
    seconds = time.process_time() - begin
    assert (response.status_code, len(response.content) < 64 * KIB) == (400, True)
    assert len(response.json()["error"]["details"]) <= 21
    assert seconds < 0.5


def test_twenty_details_and_one_that_counts_the_rest(teacher):
    body = {"title": ""} | {f"x{number}": 1 for number in range(499)}
    details = teacher.post("/classes", body).json()["error"]["details"]
    assert [detail["field"] for detail in details] == ["title", *(f"x{number}" for number in range(19)), ""]
    assert details[-1] == {"field": "", "code": "more", "message": "… and 480 more"}


def test_twenty_people_of_a_refused_batch_and_the_number_of_the_others(teacher, alice, algebra, crowd):
    people = [user.pk for user in crowd(algebra, 25, "PENDING")]
    Membership.objects.approve(algebra, people, Actor(alice))
    error = teacher.post(f"/classes/{algebra.pk}/members/approve", {"user_ids": people}).json()["error"]
    assert [detail["field"] for detail in error["details"]] == [*(f"user_ids[{n}]" for n in range(20)), ""]
    assert error["details"][-1] == {"field": "", "code": "more", "message": "… and 5 more"}


@pytest.mark.parametrize("count", [20, 21])
def test_twenty_details_are_shown_without_a_count(teacher, count):
    body = {"title": "A"} | {f"x{number}": 1 for number in range(count)}
    details = teacher.post("/classes", body).json()["error"]["details"]
    assert [len(details), details[-1]["code"]] == [count, "unknown_field" if count == 20 else "more"]


@pytest.mark.parametrize("user_id", ["usr_1", "usr_01m80te5tpebmbdmr40g6hykah"])
def test_wrong_elements_of_a_list_that_are_not_shown_are_counted(teacher, algebra, user_id):
    body = {"user_ids": ["usr_01m80te5tpebmbdmr40g6hykah", *[user_id] * 499]}
    details = teacher.post(f"/classes/{algebra.pk}/members/approve", body).json()["error"]["details"]
    assert [detail["field"] for detail in details] == [*(f"user_ids[{n}]" for n in range(1, 21)), ""]
    assert details[-1] == {"field": "", "code": "more", "message": "… and 479 more"}
