"""The request class of the server: truncated bodies, bodies without length, and malformed headers."""

from io import BytesIO

import orjson
import pytest
from django.test import RequestFactory

from apikeys.models import ApiKey
from classes.models import Class
from tutorarc.domain.events import SYSTEM
from tutorarc.http.wsgi_request import Request, make_application

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
ONE_MIB = 1024 * 1024
TITLE = b'{"title": "Renamed"}'
TOKEN = "x" * 32
BROKEN = ["a*=bogus'x'%41", "a*=idna''%ff", "a*=x; a*0=y"]


@pytest.fixture
def call_app(db):
    """Asks as the server does, but leaves the test's connection alone; gives the status and the body."""
    application = make_application()

    def call(method, path, body=b"", content_type=JSON, without=(), **environ):
        asked = RequestFactory().generic(method, path, body, content_type).environ
        asked |= {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_TYPE": content_type}
        request = Request({name: value for name, value in (asked | environ).items() if name not in without})
        response = application.get_response(request)
        return response.status_code, response.content

    return call


@pytest.fixture
def with_key(alice):
    return {"HTTP_X_API_KEY": ApiKey.objects.issue(alice, SYSTEM)[1]}


@pytest.fixture
def with_cookie(signed_in, alice):
    session = signed_in(alice).cookies["sessionid"].value
    return {"HTTP_COOKIE": f"sessionid={session}; csrftoken={TOKEN}", "HTTP_X_CSRFTOKEN": TOKEN}


def reason(answer):
    return answer[0], orjson.loads(answer[1])["error"]["reason"]


# Cut off: less comes than the Content-Length says


@pytest.mark.parametrize("body", [b"", b"{", TITLE])
@pytest.mark.parametrize(("method", "verb"), [("PATCH", ""), ("POST", "/archive")])
def test_a_truncated_body_changes_nothing_even_if_it_is_valid(call_app, with_key, algebra, method, verb, body):
    answer = call_app(method, f"/api/v1/classes/{algebra.pk}{verb}", body, CONTENT_LENGTH="500", **with_key)
    assert reason(answer) == (400, "incomplete_body")
    assert Class.objects.filter(title="Algebra", status="ACTIVE").exists()


@pytest.mark.parametrize("headers", [{}, {"HTTP_ACCEPT": "text/html"}, {"HTTP_IDEMPOTENCY_KEY": "once"}])
@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_a_truncated_body_of_a_signed_in_user_changes_nothing(call_app, with_cookie, algebra, content_type, headers):
    path = f"/api/v1/classes/{algebra.pk}/archive"
    assert call_app("POST", path, b"{}", content_type, CONTENT_LENGTH="500", **with_cookie, **headers)[0] == 400
    assert Class.objects.filter(status="ACTIVE").exists()


@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
@pytest.mark.parametrize("path", ["/accounts/login/", "/developers/keys", "/nothing", "/admin/"])
def test_a_truncated_form_causes_at_most_a_400(call_app, with_cookie, path, content_type):
    assert call_app("POST", path, b"email=a", content_type, CONTENT_LENGTH="500", **with_cookie)[0] in (400, 404)


# Without a length: by HTTP/2, where nothing says so


@pytest.fixture
def by_http_2(call_app, with_key, algebra):
    def call(method, verb, body):
        path, how = f"/api/v1/classes/{algebra.pk}{verb}", {"SERVER_PROTOCOL": "HTTP/2", **with_key}
        return call_app(method, path, body, without=["CONTENT_LENGTH"], **how)

    return call


def test_a_body_by_http_2_is_read(by_http_2):
    assert by_http_2("PATCH", "", TITLE)[0] == 200
    assert Class.objects.get().title == "Renamed"
    assert by_http_2("GET", "", b"")[0] == 200


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b'{"force": true}', (400, "unknown_field")),
        (b"{{{", (400, "malformed_json")),
        (b"x" * 2 * ONE_MIB, (413, "body_too_large")),
    ],
)
def test_a_body_by_http_2_is_never_treated_as_empty(by_http_2, body, refused):
    assert reason(by_http_2("POST", "/archive", body)) == refused
    assert Class.objects.filter(status="ACTIVE").exists()


# Headers that Django's parser breaks on


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/api/v1/nothing", 404), ("/api/v1/classes", 401), ("/accounts/login/", 200)],
)
def test_a_malformed_media_type_parameter_is_ignored(call_app, path, status, broken):
    assert call_app("GET", path, CONTENT_TYPE=f"application/json; {broken}")[0] == status
    assert call_app("GET", path, HTTP_ACCEPT=f"text/html; {broken}, */*;q=0.8")[0] == status


@pytest.mark.parametrize("broken", BROKEN)
def test_the_other_parameters_of_the_header_are_read(call_app, with_key, algebra, broken):
    address = f"/api/v1/classes/{algebra.pk}"
    assert call_app("PATCH", address, TITLE, CONTENT_TYPE=f"application/json; {broken}", **with_key)[0] == 200
    assert call_app("GET", address, HTTP_ACCEPT=f"text/html; {broken}", **with_key)[1].startswith(b"<!")
    assert reason(call_app("GET", address, HTTP_ACCEPT=f"image/png; {broken}", **with_key)) == (406, "not_acceptable")


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/nothing"])
@pytest.mark.parametrize(
    ("accept", "start"),
    [
        ("application/json; charset=utf-8", b"{"),
        ("*/*;Charset=UTF-8", b"{"),
        ("application/json;charset=utf-8;q=0.1, text/html; charset=utf-8; q=0.2", b"<!"),
    ],
)
def test_utf_8_may_be_requested_by_name(call_app, with_cookie, path, accept, start):
    status, body = call_app("GET", path, HTTP_ACCEPT=accept, **with_cookie)
    assert (status, body[: len(start)]) == (200 if path.endswith("me") else 404, start)


@pytest.mark.parametrize("header", ["Content-Disposition: form-data; {}", "Content-Type: text/plain; {}"])
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/classes", "/developers/keys", "/api/v1/nothing"])
def test_a_malformed_parameter_of_a_form_part_causes_no_server_error(call_app, with_cookie, path, broken, header):
    part = b"--x\r\n%s\r\n\r\nvalue\r\n--x--\r\n" % header.format(broken).encode()
    assert call_app("POST", path, part, MULTIPART, CONTENT_LENGTH=str(len(part)), **with_cookie)[0] < 500


# Long headers


@pytest.mark.parametrize(("count", "status"), [(8_000, 200), (8_200, 401)])
def test_very_long_cookies_are_ignored(call_app, with_cookie, count, status):
    cookies = with_cookie["HTTP_COOKIE"]
    assert call_app("GET", "/api/v1/me", HTTP_COOKIE=cookies + "; a=".ljust(count - len(cookies), "x"))[0] == status


def test_long_cookies_with_escapes_are_ignored(call_app, with_cookie):
    cookies = with_cookie["HTTP_COOKIE"] + '; a="' + '\\"' * 2_100 + '"'
    assert call_app("GET", "/api/v1/me", HTTP_COOKIE=cookies)[0] == 401


@pytest.mark.parametrize(("length", "status"), [(980, 200), (1_100, 406)])
def test_the_end_of_a_very_long_accept_header_is_not_read(call_app, with_key, length, status):
    accept = "image/png,".ljust(length, "x") + ",application/json"
    assert call_app("GET", "/api/v1/me", HTTP_ACCEPT=accept, **with_key)[0] == status


@pytest.mark.parametrize("path", ["/api/v1/me", "/accounts/login/", "/healthz", "/nothing"])
def test_a_very_long_query_is_refused(call_app, path):
    status, body = call_app("GET", path, QUERY_STRING="a" * 20_001)
    assert (status, b"20000 characters" in body or body.startswith(b"<!")) == (400, True)


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/classes"])
def test_a_form_with_very_many_escapes_is_refused(call_app, with_cookie, path):
    body = b"title=" + b"%41" * 100_001
    assert call_app("POST", path, body, FORM, CONTENT_LENGTH=str(len(body)), **with_cookie)[0] == 400
