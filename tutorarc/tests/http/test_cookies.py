"""An API call without a cookie skips the middleware for cookies, and no other request does."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tutorarc.http import access_log

SPARED = ["_messages", "session", "user"]


@pytest.fixture
def had(monkeypatch):
    """What the middleware gave the request."""
    seen = []

    ask = access_log._caller
    monkeypatch.setattr(access_log, "_caller", lambda request: seen.append(request) or ask(request))
    return lambda: sorted(name for name in SPARED if name in vars(seen[-1]))


def test_a_call_with_a_key_has_neither_session_nor_messages(api, alice, had):
    assert api(alice).get("/classes").status_code == 200
    assert had() == ["user"]  # which the API puts there


def test_a_call_without_a_cookie_passes_only_what_every_request_needs(api, alice, monkeypatch):
    passed = []
    for name in settings.MIDDLEWARE:
        middleware = import_string(name)
        call = middleware.__call__

        def note(self, request, call=call, name=name):
            passed.append(name.rpartition(".")[2])
            return call(self, request)

        monkeypatch.setattr(middleware, "__call__", note)
    assert api(alice).get("/classes").status_code == 200
    assert passed == [
        "RequestIdMiddleware",
        "TrustedProxiesMiddleware",
        "SecurityHeadersMiddleware",
        "CorsMiddleware",
        "ApiErrorMiddleware",
        "SecurityMiddleware",
        "UnavailableMiddleware",
        "BodyLimitMiddleware",
        "ResentFormMiddleware",
        "CommonMiddleware",
        "ApiFastPath",
    ]


def test_a_call_with_a_cookie_passes_all_middleware(signed_in, alice, had):
    assert signed_in(alice).get("/classes").status_code == 200
    assert had() == SPARED


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/docs", "/admin/login/", "/join?id=x"])
def test_a_page_passes_all_middleware_without_a_cookie_too(client, db, had, path):
    client.get(path)
    assert had() == SPARED


def test_a_key_beside_a_cookie_is_checked_alone(signed_in, alice):
    assert signed_in(alice).get("/classes", headers={"X-API-Key": "wrong"}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/classes", "/accounts/login/", "/admin/"])
def test_a_malformed_session_cookie_is_ignored(client, db, path):
    client.cookies["sessionid"] = "\0aaaaaaaaaaaa"
    expected = {"/": 200, "/classes": 401, "/accounts/login/": 200, "/admin/": 302}[path]
    assert client.get(f"/api/v1{path}" if path == "/classes" else path).status_code == expected


def test_answers_are_not_cached(api, alice):
    for answer in (api(alice).get("/me"), api().get("/me"), api(alice).post("/classes", {"title": "Botany"})):
        assert answer["Cache-Control"] == "no-store"


def test_every_answer_keeps_its_headers(api, alice):
    headers = api(alice).get("/classes").headers
    kept = ["X-Request-ID", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "RateLimit-Limit"]
    assert [name for name in kept if name not in headers] == []
