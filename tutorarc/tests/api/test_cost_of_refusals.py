"""Refusing costs little, whatever is wrong: every call that takes a body, with many wrong bodies; forms and headers.

The cost is the number of calls of functions, in Python and in C, which is the same on every machine.
"""

import sys
from io import BytesIO
from urllib.parse import urlencode

import orjson
import pytest
from django.test import RequestFactory

from apikeys.models import ApiKey
from members.models.invitation import Invitation
from members.models.invitation_queryset import Guest
from tutorarc import urls
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.http.wsgi_request import Request, make_application
from tutorarc.testing.client import LARGEST_ERROR, path_of
from tutorarc.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.slow

MAX_CALLS = 40_000  # a refusal of one wrong field takes some 3,000
MAX_CALLS_FOR_A_FORM = 100_000
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
TOKEN = "x" * 32
HEADER = 60_000  # characters


def nested(depth):
    return "0" if not depth else f"[{nested(depth - 1)}]"


VALUES = {
    "a long text": '"' + "x" * 1_000_000 + '"',
    "accents": '"' + "\u0301" * 160_000 + '"',
    "a long number": "9" * 1_000_000,
    "a long fraction": "0.5" + "9" * 1_000_000,
    "ids of another form": orjson.dumps(["usr_1"] * 100_000).decode(),
    "500 malformed ids": orjson.dumps(["usr_" + "0" * 1_900] * 500).decode(),
    "500 times the same id": orjson.dumps(["usr_01m80te5tpebmbdmr40g6hykah"] * 500).decode(),
    "numbers": orjson.dumps([1] * 500_000).decode(),
    "lists": "[" + "[]," * 300_000 + "[]]",
    "objects": "[" + '{"a":{}},' * 100_000 + "{}]",
    "many lists in a list": "[" + "[]," * 19_000 + "[]]",
    "a nested list": nested(120),
}
BODIES = {
    "unknown names": b"{" + b",".join(b'"a%d":0' % number for number in range(80_000)) + b"}",
    "long unknown names": orjson.dumps({f"{number}" + "n" * 100_000: 0 for number in range(10)}),
    "unknown names like known ones": orjson.dumps({f"user_ids{number:05}": 1 for number in range(50_000)}),
    "a name again and again": b"{" + b",".join([b'"a":1'] * 150_000) + b"}",
    "the first name at the end": b"{" + b",".join(b'"a%d":1' % number for number in range(9_000)) + b',"a0":1}',
    "escaped quotes": b'{"a":"' + b"\\u0022" * 170_000 + b'"}',
    "deep": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000,
    "cut off": b'{"a":"' + b"x" * 1_000_000,
    "many lines": b"{" + b"\n" * 1_000_000 + b"x",
}


@pytest.fixture
def calls_of():
    """Runs a function, and returns its result and the number of function calls."""

    def count(function):
        total = 0

        def profile(frame, event, argument):
            nonlocal total
            total += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            result = function()
        finally:
            sys.setprofile(None)
        return result, total

    return count


def writes():
    """Every call with a body, as the method and the path."""
    for pattern in urls.urlpatterns:
        actions = getattr(pattern.callback, "actions", {}) or {}
        for method in ("post", "patch"):
            if method in actions:
                view = pattern.callback.cls
                fields = tuple(view.specs[actions[method]].request().fields)
                yield pytest.param(method.upper(), path_of(pattern), fields, id=f"{method} {path_of(pattern)}")


@pytest.fixture
def send(db, alice, bob, admin, algebra, join, schedule, signed_in):
    """`send("POST", "/classes", body, JSON)` by Alice, with the cookie; students' calls by Bob, those about users by an
    ADMIN.
    """
    join(algebra, bob)
    ids = {"class_id": algebra.pk, "user_id": bob.pk, "session_id": schedule(klass=algebra).pk}
    ids["key_id"] = ApiKey.objects.issue(alice, SYSTEM)[0].pk
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/hook")
    ids |= {"webhook_id": webhook.pk, "delivery_id": Delivery.objects.send_test(webhook, Actor(alice)).pk}

    guests = [Guest("eve@example.org")]
    [invitation] = Invitation.objects.send(
        algebra, guests, "STUDENT", Actor(alice), message="", site="http://localhost"
    )
    ids["invitation_id"] = invitation.pk

    def post(method, path, body, media_type=JSON):
        client = signed_in(bob if "join" in path else admin if path.startswith("/users") else alice)
        return client.generic(method, path.format_map(ids), body, media_type)

    return post


def require_brief(response):
    error = response.json()["error"]
    assert len(response.content) < LARGEST_ERROR
    assert len(error["details"]) <= 21
    return response.status_code, error["reason"]


@pytest.mark.parametrize(("method", "path", "fields"), list(writes()))
def test_a_wrong_body_of_a_mebibyte(send, calls_of, method, path, fields):
    bodies = [*BODIES.values()]
    bodies += [f'{{"{field}": {value}}}'.encode() for field in fields for value in VALUES.values()]
    for body in bodies:
        response, calls = calls_of(lambda body=body: send(method, path, body))
        assert require_brief(response)[0] == 400, body[:100]
        assert calls < MAX_CALLS, (calls, body[:100])


FORMS = {
    "percent signs": (b"title=" + b"%" * 1_000_000, FORM),
    "escapes": (b"title=" + b"%41" * 340_000, FORM),
    "fields": (b"a=1&" * 250_000, FORM),
    "900 fields": (urlencode({f"a{number}": "x" * 900 for number in range(900)}).encode(), FORM),
    "parts": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 18_000 + b"--x--\r\n", MULTIPART),
    "fewer parts": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 900 + b"--x--\r\n", MULTIPART),
    "empty parts": (b"--x\r\n\r\n" * 100_000 + b"--x--\r\n", MULTIPART),
    "files": (b'--x\r\nContent-Disposition: form-data; name="a"; filename=""\r\n\r\n' * 900 + b"--x--\r\n", MULTIPART),
    "a long header": (b"--x\r\nContent-Disposition: form-data; name=" + b"n" * 1_000_000, MULTIPART),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("path", ["/api/v1/classes", "/developers/keys", "/accounts/login/", "/admin/login/"])
def test_a_wrong_form(signed_in, alice, calls_of, path, form):
    body, media_type = form
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in signed_in(alice).cookies.items())
    application = make_application()

    def send(body, media_type):
        environ = RequestFactory().generic("POST", path, body, media_type).environ
        environ |= {"wsgi.input": BytesIO(body), "HTTP_COOKIE": cookies, "HTTP_X_CSRFTOKEN": "0123456789abcdef" * 2}
        return application.get_response(Request(environ))

    application.get_response(Request(RequestFactory().get(path).environ))  # what is made once
    send(b"title=x", FORM)
    response, calls = calls_of(lambda: send(body, media_type))
    assert (response.status_code < 500, len(response.content) < LARGEST_ERROR) == (True, True)
    assert calls < MAX_CALLS_FOR_A_FORM


HEADERS = {
    "CONTENT_TYPE": [";" * HEADER, "text/html" + ";a=b" * (HEADER // 4), "a/b;" + "a*0=x;" * (HEADER // 6)],
    "HTTP_ACCEPT": ["a/b;q=0.1," * (HEADER // 10), "," * HEADER, "text/html" + ";a=b" * (HEADER // 4)],
    "HTTP_COOKIE": [";".join(f"c{number}=1" for number in range(HEADER // 9)), 'a="' + "\\101" * (HEADER // 4)],
    "HTTP_IDEMPOTENCY_KEY": ["x" * HEADER],
    "HTTP_X_FORWARDED_FOR": ["1.2.3.4," * (HEADER // 8), "1" * HEADER],
    "HTTP_IF_NONE_MATCH": ['"a",' * (HEADER // 4), 'W/"a", ' * (HEADER // 7)],
    "HTTP_ACCEPT_ENCODING": ["gzip;q=0.1," * (HEADER // 11)],
    "HTTP_AUTHORIZATION": ["Bearer " + "x " * (HEADER // 2)],
    "HTTP_X_API_KEY": ["ta_live_" * (HEADER // 8), "." * HEADER],
    "HTTP_ORIGIN": ["http://" + "a." * (HEADER // 2)],
    "HTTP_CONTENT_ENCODING": ["gzip," * (HEADER // 5)],
    "HTTP_X_REQUEST_ID": ["x" * HEADER],
    "HTTP_RANGE": ["bytes=" + "0-1," * (HEADER // 4)],
    "QUERY_STRING": ["status=ACTIVE&" * (HEADER // 14), "%" * HEADER, "cursor=" + "W1tb" * (HEADER // 4)],
}


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/nothing", "/api/schema", "/accounts/login/", "/nothing"])
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HEADERS.items() for value in values])
def test_a_long_header(db, settings, calls_of, path, name, value):
    settings.TRUSTED_PROXIES = 1
    application = make_application()
    environ = RequestFactory().get(path).environ | {"wsgi.input": BytesIO(), name: value}
    application.get_response(Request(RequestFactory().get(path).environ))  # what is made once
    response, calls = calls_of(lambda: application.get_response(Request(environ)))
    assert (response.status_code < 500, calls < 60_000) == (True, True), calls
