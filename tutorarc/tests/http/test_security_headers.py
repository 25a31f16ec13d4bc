"""The security headers of every answer: pages, errors, redirects and static files."""

import re

import pytest
from django.test import Client

from tutorarc.http.security_headers import DEVELOPERS_PAGE, HEADERS, POLICIES, POLICY

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": HEADERS["Permissions-Policy"],
}
ANSWERS = [
    # path, status
    ("/", 200),
    ("/accounts/login/", 200),
    ("/nowhere", 404),
    ("/join?id=nothing", 404),
    ("/developers/keys", 302),
    ("/healthz", 200),
    ("/static/tutorarc/site.css", 200),
    ("/static/nowhere.css", 404),
    ("/api/docs", 200),
    ("/api/schema", 200),
    ("/api/nowhere", 404),
    ("/api/v1/me", 401),
    ("/admin/login/", 302),
]


def answer(path, **options):
    client = Client(raise_request_exception=False, headers=options.pop("headers", {}))
    response = client.get(path, **options)
    response.close()  # a file's
    return response


def sent(response):
    return {name: response.headers.get(name) for name in EVERYWHERE}


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_has_the_headers(db, path, status):
    response = answer(path)
    assert (response.status_code, sent(response)) == (status, EVERYWHERE)


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/static/tutorarc/site.css"])
def test_a_refused_host_has_the_headers(db, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    response = answer(path, headers={"Host": "elsewhere.example"})
    assert (response.status_code, sent(response)) == (400, EVERYWHERE)


@pytest.mark.parametrize("path", ["/", "/api/v1/me"])
def test_a_server_error_has_the_headers(db, monkeypatch, path):
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lambda self: 1 / 0)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    response = client.get(path)
    assert (response.status_code, sent(response)) == (500, EVERYWHERE)


def test_the_redirect_to_tls_has_the_headers(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = answer("/")
    assert (response.status_code, sent(response)) == (301, EVERYWHERE)


def test_the_permissions_policy_denies_unused_features():
    policy = HEADERS["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()"} < set(policy)
    assert [feature for feature in policy if not re.fullmatch(r"[a-z-]+=\(\)", feature)] == []


# The content security policy


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_has_a_policy_that_loads_nothing_from_elsewhere(db, path, status):
    policy = answer(path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


@pytest.mark.parametrize(("path", "status"), [row for row in ANSWERS if not row[0].startswith("/admin/")])
def test_the_policy_allows_nothing_unsafe_outside_the_admin_site(db, path, status):
    assert "unsafe" not in answer(path).headers["Content-Security-Policy"]


def test_the_admin_alone_may_evaluate_expressions_and_style_inside_its_pages():
    unsafe = {start: re.findall(r"[a-z]+-src [^;]*'unsafe-[^;]*", policy) for start, policy in POLICIES}
    assert {start: found for start, found in unsafe.items() if found} == {
        "/admin/": ["script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"]
    }


@pytest.mark.parametrize(
    "must",
    ["default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'"],
)
@pytest.mark.parametrize("policy", [policy for _, policy in POLICIES])
def test_every_policy_holds_these(policy, must):
    assert must in policy.split("; ")


def test_djangos_debug_page_works_in_debug_mode_only(db, settings):
    settings.DEBUG = True
    assert answer("/nowhere").headers["Content-Security-Policy"] == DEVELOPERS_PAGE
    assert answer("/").headers["Content-Security-Policy"] == POLICY
    assert answer("/api/nowhere").headers["Content-Security-Policy"] == POLICY
    settings.DEBUG = False
    assert answer("/nowhere").headers["Content-Security-Policy"] == POLICY


# TLS


def test_under_tls_every_answer_has_hsts(db, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    settings.SECURE_HSTS_PRELOAD = True
    for path in ("/", "/nowhere", "/api/nowhere", "/api/v1/me", "/static/tutorarc/site.css"):
        response = answer(path, secure=True)
        assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload", path
