"""The format of errors, and the order of checks: each request here is wrong in two ways or more."""

import json
import re

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client as DjangoClient

from tutorarc.domain.events import Actor
from tutorarc.http.json_logs import JsonFormatter
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, Client, forbidden, invalid, unauthenticated, verdict
from tutorarc.tests.browser.browsing import HTML, headline

UNKNOWN_ID = "cls_00000000000000000000000000"
UNKNOWN_PATH = (404, "unknown_path", [])
METHOD = (405, "method_not_allowed", [])
NOT_ACCEPTABLE = (406, "not_acceptable", [])
UNSUPPORTED = (415, "unsupported_media_type", [])
TOO_LARGE = (413, "body_too_large", [])
MALFORMED = (400, "malformed_json", [])
XML = {"Accept": "application/xml"}
PAGE = (404, "text/html; charset=utf-8")
ONE_MIB = 1024 * 1024


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def any_mode(request, settings):
    settings.DEBUG = request.param


@pytest.fixture
def failing(api, alice, monkeypatch):
    """A client whose next requests raise this exception."""

    def make(error):
        client = api(alice)
        client.raise_request_exception = False

        def fail(*args):
            raise error

        monkeypatch.setattr("apikeys.models.ApiKeyQuerySet.find", fail)
        return client

    return make


def test_an_error_has_the_error_format(api, alice):
    response = api(alice).post("/classes", {"titel": "Algebra"}, headers={"X-Request-ID": "mine-1"})
    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "status": "error",
        "error": {
            "code": "VALIDATION_ERROR",
            "reason": "invalid_fields",
            "message": "Several values are wrong: title and titel. See details.",
            "request_id": "mine-1",
            "details": [
                {"field": "title", "code": "required", "message": "This field is required."},
                {
                    "field": "titel",
                    "code": "unknown_field",
                    "message": "There is no such field here. Did you mean title?",
                },
            ],
        },
    }


def test_details_are_present_even_if_empty(api, db):
    response = api().get("/classes", headers={"X-Request-ID": "mine-2"})
    assert response.json() == {
        "status": "error",
        "error": {
            "code": "UNAUTHENTICATED",
            "reason": "no_credential",
            "message": "Sign in, or send an API key in the X-API-Key header.",
            "request_id": "mine-2",
            "details": [],
        },
    }


def test_a_path_in_details_says_which_element_of_a_list_is_wrong(api, alice, algebra):
    body = {"user_ids": ["usr_00000000000000000000000000", "nobody"]}
    response = api(alice).post(f"/classes/{algebra.pk}/members/approve", body)
    assert verdict(response) == invalid("user_ids[1]", "malformed_id")


def test_a_401_says_how_to_authenticate(api, db):
    assert api().get("/classes")["WWW-Authenticate"] == 'ApiKey realm="TutorArc", header="X-API-Key"'


@pytest.mark.usefixtures("any_mode")
@pytest.mark.parametrize("path", ["/nothing", "/classes/", "/classes.json", "/", "/api/", "/api/v2/classes"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "FOO"])
def test_an_unknown_path_is_a_404_for_everyone_and_every_method(api, db, method, path):
    response = api().generic(method, path, b"{", "text/plain", headers=XML)
    assert verdict(response) == UNKNOWN_PATH
    assert response.json()["error"]["request_id"] == response["X-Request-ID"]


@pytest.mark.usefixtures("any_mode")
@pytest.mark.parametrize("path", ["/nothing", "/classes/", "/api/v2/classes", "/classes/junk/nothing"])
def test_in_a_browser_it_is_a_page(api, db, path):
    response = api().get(path, headers=HTML)
    assert (response.status_code, response["Content-Type"], headline(response)) == (*PAGE, "Page not found")
    assert response["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0.5, application/json"])
def test_a_client_that_accepts_json_equally_gets_json(api, db, accept):
    response = api().get("/nothing", headers={"Accept": accept})
    assert (verdict(response), response["Content-Type"]) == (UNKNOWN_PATH, "application/json")


@pytest.mark.usefixtures("any_mode")
def test_a_server_error_is_a_500_in_the_error_format_without_details(failing):
    response = failing(RuntimeError("secret")).get("/classes")
    assert verdict(response) == (500, "internal_error", [])
    assert b"secret" not in response.content
    assert response.json()["error"]["request_id"] == response["X-Request-ID"]


@pytest.mark.usefixtures("any_mode")
def test_a_server_error_before_any_view_has_the_error_format_too(api, alice, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret")

    client = api(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("tutorarc.api.viewsets.ApiViewSet.initialize_request", fail)
    response = client.get("/classes")
    assert verdict(response) == (500, "internal_error", [])
    assert b"secret" not in response.content


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("connection already closed")])
def test_without_database_the_answer_is_503_and_when_to_try_again(failing, error):
    response = failing(error).get("/classes")
    assert verdict(response) == (503, "database_unavailable", [])
    assert response["Retry-After"] == "5"


@pytest.mark.usefixtures("any_mode")
def test_an_unknown_host_is_refused_in_the_error_format(api, db):
    assert verdict(api().get("/classes", headers={"Host": "evil.example"})) == (400, "malformed_request", [])


# The order: 404 path, 406, 401, 405, 403, 404, 403, 415 and 413 and 400, 409


def test_representation_comes_before_the_credential(api, algebra):
    assert verdict(api().generic("PUT", f"/classes/{algebra.pk}", headers=XML)) == NOT_ACCEPTABLE


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/classes"), ("FOO", "/classes"), ("GET", f"/classes/{UNKNOWN_ID}"), ("GET", "/classes?titel=x")],
)
def test_the_credential_comes_before_the_method_and_all_the_rest(api, db, method, path):
    assert verdict(api().generic(method, path, b"{", "text/plain")) == UNAUTHENTICATED


@pytest.mark.parametrize("key", ["", " ", "x", "ta_live_" + "a" * 40, "é", "x" * 10_000])
def test_a_wrong_key_is_refused_even_beside_a_valid_cookie(browser_client, alice, key):
    assert verdict(browser_client(alice).get("/classes", headers={"X-API-Key": key})) == unauthenticated(
        "malformed_key"
    )


def test_a_key_is_checked_alone_whatever_the_cookie(browser_client, alice, bob, api):
    key = api(bob).defaults["HTTP_X_API_KEY"]
    assert browser_client(alice).get("/me", headers={"X-API-Key": key}).json()["id"] == bob.pk


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "FOO"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/classes", "GET, POST, HEAD, OPTIONS"),
        (f"/classes/{UNKNOWN_ID}", "GET, PATCH, HEAD, OPTIONS"),
        (f"/classes/{UNKNOWN_ID}/archive", "POST, OPTIONS"),
        ("/me", "GET, HEAD, OPTIONS"),
    ],
)
def test_the_method_comes_before_role_scope_existence_and_body(api, bob, method, path, allowed):
    response = api(bob, scopes=["sessions:read"]).generic(method, path + "?titel=x", b"{", "text/plain")
    assert verdict(response) == METHOD
    assert response["Allow"] == allowed


def test_the_global_role_comes_before_the_body(api, bob):
    assert verdict(api(bob).generic("POST", "/classes?titel=x", b"{", "text/plain")) == forbidden("wrong_role")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"/classes/{UNKNOWN_ID}"), ("POST", "/classes?titel=x"), ("POST", f"/classes/{UNKNOWN_ID}/archive")],
)
def test_the_scope_comes_before_existence_and_body(api, alice, method, path):
    client = api(alice, scopes=["members:read", "members:write"])
    assert verdict(client.generic(method, path, b"{", "text/plain")) == forbidden("missing_scope")


@pytest.mark.parametrize(("scope", "read", "write"), [("classes:read", 200, 403), ("classes:write", 403, 200)])
def test_get_needs_the_read_scope_and_everything_else_the_write_scope(api, alice, algebra, scope, read, write):
    client = api(alice, scopes=[scope])
    path = f"/classes/{algebra.pk}"
    assert [client.get(path).status_code, client.get("/classes").status_code] == [read, read]
    assert [client.patch(path).status_code, client.post(f"{path}/archive").status_code] == [write, write]


@pytest.mark.parametrize("class_id", [UNKNOWN_ID, "cls_123"])
def test_existence_comes_before_the_class_role_and_the_body(api, charlie, class_id):
    client = api(charlie)
    assert verdict(client.generic("PATCH", f"/classes/{class_id}?titel=x", b"{", "text/plain")) == NOT_FOUND


def test_the_class_role_comes_before_parameters_and_body(api, charlie, algebra):
    client = api(charlie)
    assert verdict(client.generic("PATCH", f"/classes/{algebra.pk}?titel=x", b"{", "text/plain")) == forbidden(
        "not_a_member"
    )


@pytest.mark.parametrize(
    ("body", "content_type", "checked"), [(b"{", "text/plain", UNSUPPORTED), (b"{", "application/json", MALFORMED)]
)
def test_media_type_and_body_come_before_the_state(api, alice, algebra, body, content_type, checked):
    algebra.archive(Actor(alice))
    assert verdict(api(alice).generic("PATCH", f"/classes/{algebra.pk}", body, content_type)) == checked


def test_a_field_comes_before_the_state(api, alice, algebra):
    algebra.archive(Actor(alice))
    assert api(alice).patch(f"/classes/{algebra.pk}", {"title": ""}).status_code == 400


def test_a_413_may_come_first(api, db):
    assert verdict(api().generic("POST", "/classes", b"x" * (ONE_MIB + 1), "text/plain")) == TOO_LARGE


# OPTIONS


@pytest.mark.parametrize("path", ["/classes", f"/classes/{UNKNOWN_ID}", f"/classes/{UNKNOWN_ID}/archive", "/me"])
def test_options_is_200_for_a_known_caller_whatever_their_role_or_scope(api, bob, path):
    response = api(bob, scopes=["sessions:read"]).options(path)
    assert response.status_code == 200
    assert ", ".join(response.json()["methods"]) == response["Allow"]


def test_options_needs_a_credential(api, db):
    assert verdict(api().options("/classes")) == UNAUTHENTICATED


# Request ids


@pytest.mark.parametrize("path", ["/classes", "/nothing", "/api/schema", "/me"])
def test_every_response_has_a_request_id_of_its_own(api, alice, path):
    client = api(alice)
    ids = [client.get(path)["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", given) for given in ids)
    assert len(set(ids)) == 2


@pytest.mark.parametrize("sent", ["a", "req_1", "0f-1.2:3_4", "x" * 128])
def test_a_valid_request_id_of_the_client_is_kept(api, db, sent):
    response = api().get("/classes", headers={"X-Request-ID": sent})
    assert (response["X-Request-ID"], response.json()["error"]["request_id"]) == (sent, sent)


@pytest.mark.parametrize("sent", ["", "x" * 129, "a b", "-a", "é", "a\tb", '"', "<script>", "a,b"])
def test_any_other_request_id_is_replaced(api, db, sent):
    response = api().get("/classes", headers={"X-Request-ID": sent})
    assert re.fullmatch(r"req_[0-9a-f]{32}", response["X-Request-ID"])


def test_the_request_id_stands_in_the_log_line_of_the_request(api, alice, caplog):
    api(alice).get("/classes?search=private", headers={"X-Request-ID": "mine-3"})
    [line] = [record for record in caplog.records if record.name == "tutorarc.access"]
    written = JsonFormatter().format(line)
    assert (json.loads(written)["request_id"], "private" in written) == ("mine-3", False)


@pytest.mark.parametrize(("body", "media_type", "status"), [(b"{", "application/json", 400), (b"x", "text/plain", 415)])
def test_the_body_is_read_before_an_idempotency_key_is_looked_up(api, alice, algebra, body, media_type, status):
    teacher, key = api(alice), {"Idempotency-Key": "used"}
    assert teacher.post("/classes", {"title": "Botany"}, headers=key).status_code == 201
    assert teacher.post(f"/classes/{algebra.pk}/archive", body, media_type, headers=key).status_code == status


def test_a_content_type_must_be_no_wildcard(api, alice):
    assert api(alice).post("/classes", b'{"title": "Algebra"}', "*/*").status_code == 415


def test_an_empty_accept_header_is_treated_as_missing(api, alice):
    assert api(alice).get("/me", headers={"Accept": ""}).status_code == 200


def test_an_unknown_format_is_not_acceptable(api, alice):
    assert verdict(api(alice).get("/me?format=xml")) == NOT_ACCEPTABLE


def test_a_post_to_the_reference_is_a_405_with_allow():
    refused = Client(enforce_csrf_checks=True).post("/api/docs")
    assert (verdict(refused), refused["Allow"]) == (METHOD, "GET, HEAD")


@pytest.mark.parametrize("accept", ["application/json", HTML["Accept"]])
def test_an_unknown_path_is_not_marked_as_compressed(db, accept):
    """The page that it replaces is compressed."""
    response = DjangoClient().get("/api/docs/nowhere", headers={"Accept": accept, "Accept-Encoding": "gzip"})
    assert (response.status_code, response.headers.get("Content-Encoding")) == (404, None)
    assert response.content[:1] in (b"{", b"<")
