"""Which pages on other origins may read which responses."""

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from tutorarc.http.cors import cors_headers
from tutorarc.http.overload import OverloadControl

APP = "https://app.example.org"
ALLOWED_HEADERS = "X-API-Key, Content-Type, Idempotency-Key, X-Request-ID"
EXPOSED_HEADERS = (
    "X-Request-ID, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, Idempotency-Replayed, Location"
)
READABLE = {"access-control-allow-origin": APP, "access-control-expose-headers": EXPOSED_HEADERS}
USABLE = READABLE | {
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-allow-methods": "GET, POST, PATCH, DELETE",
    "access-control-max-age": "86400",
}
PUBLIC = ["/api/schema", "/api/v1/sessions/session_abc/admission?role=student"]
API_PATHS = ["/api/v1/me", "/api/v1/classes", "/api/v1/sessions/session_abc", "/api/v1/sessions/a/b/admission"]
OTHER_PATHS = ["/", "/accounts/login/", "/healthz", "/readyz", "/static/tutorarc/site.css", "/admin/login/"]


@pytest.fixture
def allowed(settings):
    settings.CORS_ALLOWED_ORIGINS = [APP]


def cors(headers):
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("access-control-")}


def get(path, origin=APP, client=None, **options):
    response = (client or Client()).get(path, headers={"Origin": origin}, **options)
    response.close()
    return response


def preflight(path, method="POST", origin=APP):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    return Client().options(path, headers=headers)


def test_a_read_with_a_key(allowed, api, alice):
    response = get("/me", client=api(alice))
    assert (response.status_code, cors(response.headers)) == (200, READABLE)
    assert "origin" in response["Vary"]


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/nowhere", "/api/nowhere"])
def test_errors_can_be_read_too(allowed, db, path):
    response = get(path)
    assert (response.status_code, cors(response.headers)) == (404 if "nowhere" in path else 401, READABLE)


@pytest.mark.parametrize("path", API_PATHS)
def test_preflights_are_answered_before_the_credential_is_checked(allowed, db, django_assert_num_queries, path):
    with django_assert_num_queries(0):
        response = preflight(path)
    assert (response.status_code, response.content, cors(response.headers)) == (200, b"", USABLE)


@pytest.mark.parametrize("path", API_PATHS)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://app.example.org", f"{APP}:8443", "null", "x["])
def test_other_origins_read_nothing(allowed, db, path, origin):
    assert cors(get(path, origin).headers) == {}
    assert cors(preflight(path, origin=origin).headers) == {}


@pytest.mark.parametrize("path", API_PATHS)
def test_no_origin_reads_anything_unless_it_is_allowed(db, path):
    assert cors(get(path).headers) == {}
    assert cors(preflight(path).headers) == {}


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_the_schema_and_admission_are_read_from_everywhere(db, path, origin):
    here = {"access-control-allow-origin": origin}
    assert cors(get(path, origin).headers) == READABLE | here
    assert cors(preflight(path, origin=origin).headers) == USABLE | here


def test_every_origin_can_be_allowed(db, settings):
    settings.CORS_ALLOW_ALL_ORIGINS = True
    everywhere = {"access-control-allow-origin": "*"}
    assert cors(get("/api/v1/me").headers) == READABLE | everywhere
    assert cors(preflight("/api/v1/classes").headers) == USABLE | everywhere


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_pages_and_files_are_read_by_no_other_origin(db, settings, path):
    settings.CORS_ALLOW_ALL_ORIGINS = True
    assert cors(get(path).headers) == {}
    assert cors(preflight(path).headers) == {}


def test_a_preflight_has_a_request_id(allowed):
    assert preflight("/api/v1/classes")["X-Request-ID"].startswith("req_")


def test_a_database_outage_can_be_read(allowed, db, monkeypatch):
    monkeypatch.setattr(connection, "cursor", lambda *args: 1 / 0)
    response = get("/api/v1/me", client=Client(raise_request_exception=False, headers={"X-API-Key": "ta_live_x"}))
    assert cors(response.headers) == READABLE


def test_caches_keep_the_responses_for_different_origins_apart(db):
    assert "origin" in Client().get("/api/schema")["Vary"]


@pytest.mark.parametrize(("headers", "readable"), [({"Origin": APP}, READABLE), ({}, {})], ids=["origin", "none"])
def test_a_refusal_by_overload_control_can_be_read(allowed, settings, headers, readable):
    settings.TRUSTED_PROXIES, sent = 1, []
    request = RequestFactory(headers={"X-Request-Start": "t=1000000000.000", **headers}).get("/api/v1/me")
    control = OverloadControl(lambda environ, start_response: [b"served"])
    control(request.environ, lambda status, headers: sent.append((status[:3], dict(headers))))
    [(status, headers)] = sent
    assert (status, cors(headers), headers["Content-Type"]) == ("503", readable, "application/json")


def test_a_malformed_content_type_does_not_stop_a_refusal():
    environ = RequestFactory(headers={"Origin": "https://elsewhere.example"}).post("/api/v1/classes").environ
    environ["CONTENT_TYPE"] = "application/json; a*=bogus'x'%41"
    assert cors_headers(environ) == {"Vary": "origin"}
