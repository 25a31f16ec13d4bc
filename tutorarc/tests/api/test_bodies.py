"""Hostile input: never a 5xx, and nothing is created from a body that isn't understood."""

from io import BytesIO

import orjson
import pytest
from django.test import Client, RequestFactory

from classes.models import Class
from tutorarc.http.wsgi_request import make_application
from tutorarc.testing.client import forbidden, invalid, invalid_parameter, unauthenticated, verdict
from tutorarc.tests.browser.browsing import headline

NOT_IN_UTF_8 = (400, "not_utf_8", [])
TOO_LARGE = (413, "body_too_large", [])
UNSUPPORTED = (415, "unsupported_media_type", [])
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
ONE_MIB = 1024 * 1024
TOKEN = "x" * 32


@pytest.fixture
def send_raw(api, alice):
    client = api(alice)

    def post(body, content_type=JSON, path="/classes", method="POST"):
        return client.generic(method, path, body, content_type)

    return post


@pytest.fixture
def browser(browser_client, alice):
    """Alice's browser, which sends the CSRF token in a header."""
    client = browser_client(alice)
    client.cookies["csrftoken"] = TOKEN

    def post(body, content_type, path="/classes", method="POST", **headers):
        return client.generic(method, path, body, content_type, headers={"X-CSRFToken": TOKEN} | headers)

    return post


# JSON


NOT_JSON = [
    b"{",
    b'{"title": "Alg',
    b'{"title": "Algebra"',
    b'{"title": "Algebra"} trailing',
    b'{"title": "Algebra",}',
    b"{'title': 'Algebra'}",
    b'{"title": NaN}',
    b'{"title": Infinity}',
    b'{"title": 1e999}',
    b'{"title": 01}',
    b'{"title": "\\ud800"}',
    b'{"title": "\\udc00\\ud800"}',
    b'{"title": "\xed\xa0\x80"}',
    b'{"title": "\xff"}',
    b'{"title": "\x00"}',
    b'{"title": "line\nbreak"}',
    b'\xef\xbb\xbf{"title": "Algebra"}',
    '{"title": "Algebra"}'.encode("utf-16"),
    '{"title": "Algèbre"}'.encode("latin-1"),
    b"\x00",
    b" ",
]
NO_OBJECT = [
    b"[]",
    b'[{"title": "Algebra"}]',
    b"null",
    b"true",
    b"7",
    b'"Algebra"',
]
TOO_DEEP = [
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 2000 + b"]" * 2000,
    b'{"title":' + b"[" * 2000 + b"]" * 2000 + b"}",
    b'{"title":' + b"[" * 1000 + b"]" * 1000 + b"}",
    b'{"title":' + b"[" * 254 + b"]" * 254 + b"}",
]


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        *[("malformed_json", body) for body in NOT_JSON],
        *[("not_an_object", body) for body in NO_OBJECT],
        *[("nested_too_deeply", body) for body in TOO_DEEP],
    ],
)
def test_a_body_that_is_no_utf_8_json_object_is_malformed(send_raw, reason, body):
    assert verdict(send_raw(body)) == (400, reason, [])
    assert Class.objects.count() == 0


@pytest.mark.parametrize(
    ("title", "code"),
    [
        (b'"\\u0000"', "null_characters_not_allowed"),
        (b"123456789012345678901234567890", "invalid"),
        (b"-0", "invalid"),
        (b"1e308", "invalid"),
        (b'{"a": {"b": {}}}', "invalid"),
        (b"[" * 253 + b"]" * 253, "invalid"),
        (b'"' + b"x" * 1_000_000 + b'"', "max_length"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(send_raw, title, code):
    assert verdict(send_raw(b'{"title": ' + title + b"}")) == invalid("title", code)


@pytest.mark.parametrize("name", ["\0", "é", "a.b", "title[0]", "message", "code", "__proto__", " title", "x" * 100])
def test_an_unknown_field_is_refused_by_its_name(send_raw, name):
    assert verdict(send_raw(orjson.dumps({"title": "A", name: 1}))) == invalid(name, "unknown_field")


def test_many_unknown_fields_are_refused(send_raw):
    assert send_raw(orjson.dumps({f"field{number}": number for number in range(20_000)})).status_code == 400


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"title": "Algebra", "title": "Algebra"}', "title"),
        (b'{"title": "Algebra", "ti\\u0074le": "Biology"}', "title"),
        (b'{"title": "Algebra", "a": [{"b": 1, "c": "", "b": 2}]}', "b"),
        (b'{"\\u0022": 1, "\\u0022": "\\u0022", "title": "Algebra"}', '"'),
        (b'{"title": "a\\u0022b", "x": 1, "x": 12345678901234567890123}', "x"),
        (b'{"title": "Algebra", "": 1, "": 2}', ""),
    ],
)
def test_a_name_given_twice_in_one_object_is_refused(send_raw, body, name):
    assert verdict(send_raw(body)) == invalid(name, "repeated_field")
    assert Class.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b'{"title": "a\\u0022b"}', 'a"b'),
        (b'{"title": "\\\\u0022\\"\\\\"}', '\\u0022"\\'),
        (b'{"title": "title", "description": "title: \\"title\\""}', "title"),
    ],
)
def test_a_quote_in_a_text_is_no_repeated_name(send_raw, body, title):
    assert send_raw(body).json()["title"] == title


@pytest.mark.parametrize("body", ['{"title":"日本語 🧮 ﷽"}', '{"title":"\\ud83e\\uddee"}'])
def test_any_text_is_returned_unchanged(send_raw, body):
    assert send_raw(body.encode()).json()["title"] == orjson.loads(body)["title"]


# Size


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, "text/plain", ""])
@pytest.mark.parametrize("path", ["/classes", "/nothing", "/classes/cls_123/archive", "/me"])
def test_a_body_of_two_mb_is_too_large_everywhere(send_raw, content_type, path):
    assert verdict(send_raw(b"x" * 2 * ONE_MIB, content_type, path)) == TOO_LARGE


def test_the_limit_is_exactly_one_mib(send_raw):
    fitting = b'{"title": "Algebra"}'.ljust(ONE_MIB)
    assert send_raw(fitting).status_code == 201
    assert verdict(send_raw(fitting + b" ")) == TOO_LARGE


# Content types


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application",
        ";;;",
        "a/b/c",
        "é/x",
        "application/json/",
        "application/jsonp",
    ],
)
def test_a_body_without_the_json_content_type_is_not_read(send_raw, content_type):
    assert verdict(send_raw(b'{"title": "Algebra"}', content_type)) == UNSUPPORTED


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/json;x=y"]
)
def test_json_is_json_with_any_parameters(send_raw, content_type):
    assert send_raw(b'{"title": "Algebra"}', content_type).status_code == 201


@pytest.mark.parametrize("content_type", [FORM, MULTIPART, "multipart/form-data"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_with_a_key_a_form_is_not_read(api, alice, algebra, content_type, method):
    path = "/classes" if method == "POST" else f"/classes/{algebra.pk}"
    assert verdict(api(alice).generic(method, path, b"title=Algebra", content_type)) == UNSUPPORTED


def test_with_a_key_beside_a_cookie_a_form_is_not_read_either(browser, api, alice):
    key = api(alice).defaults["HTTP_X_API_KEY"]
    assert verdict(browser(b"title=Algebra", FORM, **{"X-API-Key": key})) == UNSUPPORTED


@pytest.mark.parametrize("charset", ["base64", "rot13", "idna", "utf-16", "hex", "junk", "zlib", "undefined"])
def test_the_charset_of_a_content_type_is_ignored(db, charset):
    request = RequestFactory().post("/api/v1/classes?a=%FF", b"{}", content_type="application/json")
    environ = request.environ | {"CONTENT_TYPE": f"application/json; charset={charset}", "wsgi.input": BytesIO(b"{}")}
    statuses = []
    make_application()(environ, lambda status, headers: statuses.append(status))
    assert statuses == ["401 Unauthorized"]


# Forms, with the cookie


def field(name, value, *headers):
    lines = [b"--x", b'Content-Disposition: form-data; name="%s"' % name, *headers, b"", value, b"--x--", b""]
    return b"\r\n".join(lines)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"title=Algebra", FORM), (field(b"title", b"Algebra"), MULTIPART), (b'{"title": "Algebra"}', JSON)],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_with_the_cookie_forms_are_read_as_well_as_json(browser, algebra, body, content_type, method):
    path = "/classes" if method == "POST" else f"/classes/{algebra.pk}"
    response = browser(body, content_type, path, method)
    assert (response.status_code, response.json()["title"]) == (201 if method == "POST" else 200, "Algebra")


NO_FORM = [
    (b"junk", "multipart/form-data"),
    (b"junk", "multipart/form-data; boundary="),
    (b"title=x", FORM + "; charset=base64"),
    (b"&".join(b"a%d=1" % number for number in range(2000)), FORM),
    (b"--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n\r\n" * 150 + b"--x--\r\n", MULTIPART),
]
REASONS_OF_NO_FORM = ["malformed_form", "malformed_form", "not_utf_8", "malformed_request", "malformed_form"]


@pytest.mark.parametrize(("form", "reason"), [*zip(NO_FORM, REASONS_OF_NO_FORM, strict=True)])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_unreadable_form_is_malformed(browser, algebra, form, reason, method):
    path = "/classes" if method == "POST" else f"/classes/{algebra.pk}"
    assert verdict(browser(*form, path, method)) == (400, reason, [])


@pytest.mark.parametrize(("body", "content_type"), NO_FORM)
@pytest.mark.parametrize(
    ("host", "answer"),
    [("testserver", (404, "Page not found")), ("evil.example", (400, "This request could not be read"))],
)
def test_a_form_for_an_unknown_url_is_not_read(db, body, content_type, host, answer):
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    response = client.generic("POST", "/nothing", body, content_type, headers={"Host": host})
    assert (response.status_code, headline(response)) == answer


NOT_UTF_8 = [
    (b"title=%ff%fe", FORM),
    (b"title=\xff\xfe", FORM),
    (b"title=%ED%A0%80", FORM),
    (b"title=x&%ff=y", FORM),
    (field(b"title", b"\xff\xfe"), MULTIPART),
    (field(b"\xff", b"x"), MULTIPART),
    (field(b"title", b"x") + b"\xff", MULTIPART),
    (b"title=x", FORM + "; charset=base64"),
    (b"title=x", FORM + "; charset=latin-1"),
]


@pytest.mark.parametrize(("body", "content_type"), NOT_UTF_8)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_form_that_is_not_utf_8_is_malformed_and_nothing_is_stored(browser, algebra, body, content_type, method):
    path = "/classes" if method == "POST" else f"/classes/{algebra.pk}"
    assert verdict(browser(body, content_type, path, method)) == NOT_IN_UTF_8
    assert list(Class.objects.values_list("title", flat=True)) == ["Algebra"]


def test_a_patch_form_that_is_not_utf_8_is_malformed_too(browser, algebra):
    assert verdict(browser(b"_method=PATCH&title=%ff", FORM, f"/classes/{algebra.pk}")) == NOT_IN_UTF_8


def test_a_replacement_character_sent_by_the_client_is_ordinary_text(browser):
    assert browser("title=a\ufffdb".encode(), FORM).json()["title"] == "a\ufffdb"


MANY_FIELDS = b"&".join(b"a%d=1" % number for number in range(2000))


@pytest.mark.parametrize(("body", "content_type"), [(b"junk", "multipart/form-data"), (MANY_FIELDS, FORM), *NOT_UTF_8])
@pytest.mark.parametrize(
    ("path", "status"), [("/classes/{}", 405), ("/classes/cls_123/archive", 404), ("/classes", 400)]
)
def test_what_comes_before_the_body_is_checked_before_a_form_too(browser, algebra, body, content_type, path, status):
    response = browser(body, content_type, path.format(algebra.pk))
    assert (response.status_code, response["RateLimit-Limit"]) == (status, "600")


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"title=%00", FORM, "null_characters_not_allowed"),
        (b"title=", FORM, "blank"),
        (b"junk", MULTIPART, "required"),
        (b"--x--", MULTIPART, "required"),
        (field(b"title", b"\0"), MULTIPART, "null_characters_not_allowed"),
        (field(b"title", b"!!!", b"Content-Transfer-Encoding: base64"), MULTIPART, "blank"),
        (field(b'title"; filename="f', b"x"), MULTIPART, "invalid"),
    ],
)
def test_a_form_with_a_wrong_title_is_refused(browser, body, content_type, code):
    assert verdict(browser(body, content_type)) == invalid("title", code)


@pytest.mark.parametrize("name", ["titel", "class_code", "a" * 100])
def test_a_form_with_an_unknown_field_is_refused(browser, name):
    assert verdict(browser(f"title=x&{name}=y".encode(), FORM)) == invalid(name, "unknown_field")


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_without_csrf_token_the_cookie_is_not_accepted(browser_client, alice, content_type):
    body = {JSON: b'{"title": "A"}', FORM: b"title=A", MULTIPART: field(b"title", b"A")}[content_type]
    assert verdict(browser_client(alice).generic("POST", "/classes", body, content_type)) == forbidden("csrf_failed")
    assert Class.objects.count() == 0


@pytest.mark.parametrize(("body", "content_type"), [(b"title=A", FORM), (field(b"title", b"A"), MULTIPART)])
def test_a_form_can_carry_an_idempotency_key(browser, body, content_type):
    first = browser(body, content_type, **{"Idempotency-Key": "one"})
    again = browser(body, content_type, **{"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), Class.objects.count()) == (first.json(), 1)


def test_with_the_cookie_too_the_role_is_checked_before_a_json_body(browser_client, bob):
    client = browser_client(bob)
    client.cookies["csrftoken"] = TOKEN
    response = client.generic("POST", "/classes", b"{", JSON, headers={"X-CSRFToken": TOKEN})
    assert verdict(response) == forbidden("wrong_role")


# Methods, ids, query strings


@pytest.mark.parametrize("method", ["FOO", "TRACE", "CONNECT", "PROPFIND", "PUT", "DELETE", "POST ", "\x00", "x" * 500])
def test_an_unknown_method_is_a_405(send_raw, method):
    assert verdict(send_raw(b"{}", method=method)) == (405, "method_not_allowed", [])


@pytest.mark.parametrize(
    "junk",
    [
        "1",
        "cls_",
        "cls_123",
        "CLS_01M80S34ARE5WTGRQWQ5Y5GRJF",
        "cls_81m80s34are5wtgrqwq5y5grjf",
        "cls_01m80s34are5wtgrqwq5y5grji",
        "cls_01m80s34are5wtgrqwq5y5grjf0",
        "usr_01m80s34are5wtgrqwq5y5grjf",
        "01a20191-9221-754a-908b-a0c4d042b3f0",
        "%00",
        "%F0%9F",
        "%ED%A0%80",
        "%0A",
        "cls_%D9%A01m80s34are5wtgrqwq5y5grj",
        "-1",
        "null",
        "' OR 1=1 --",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize("action", ["", "/archive", "/members", "/leave"])
def test_a_malformed_id_in_a_path_is_a_404(api, admin, junk, action):
    method = "POST" if action in ("/archive", "/leave") else "GET"
    assert api(admin).generic(method, f"/classes/{junk}{action}").status_code == 404


@pytest.mark.parametrize(
    "size", ["0", "-1", "101", "1000", "1.0", "1e1", "x", "", " 5", "+5", "%D9%A5", "%00", "9" * 5000]
)
def test_a_page_size_is_a_whole_number_from_1_to_100(api, alice, size):
    assert verdict(api(alice).get(f"/classes?page_size={size}")) == invalid_parameter("page_size")


@pytest.mark.parametrize("size", ["1", "100", "007"])
def test_the_smallest_and_largest_page_sizes_are_allowed(api, alice, size):
    assert api(alice).get(f"/classes?page_size={size}").status_code == 200


@pytest.mark.parametrize("parameter", ["created_after", "created_before"])
@pytest.mark.parametrize(
    "moment",
    [
        "x",
        "0",
        "1773480600",
        "2026-03-14",
        "2026-03-14T09:30:00",
        "2026-03-14T09:30Z",
        "2026-3-14T09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-03-14T25:00:00Z",
        "2026-03-14T09:30:00+05:30",
        "2026-03-14T09:30:00%2B99:99",
        "2026-03-14T09:30:00.Z",
        "20260314T093000Z",
        "2026-W11-6T09:30:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00%2B01:00",
        "9999-12-31T23:59:59-01:00",
        "%D9%A2026-03-14T09:30:00Z",
        "2026-03-14T09:30:00Z%00",
        "9" * 5000,
    ],
)
def test_a_time_that_is_not_rfc_3339_with_an_offset_is_refused(api, alice, parameter, moment):
    response = api(alice).get(f"/classes?{parameter}={moment}")
    code = "null_characters_not_allowed" if moment.endswith("%00") else "invalid"
    assert verdict(response) == invalid_parameter(parameter, code)


@pytest.mark.parametrize("text", ["%FF%FE", "%ED%A0%80", "%F0%9F", "'", '"', "\\", "%25", "%5C"])
def test_any_text_can_be_searched_for(api, alice, algebra, text):
    assert api(alice).get(f"/classes?search={text}").json()["results"] == []


def test_a_nul_in_a_search_is_refused(api, alice):
    assert verdict(api(alice).get("/classes?search=a%00b")) == invalid_parameter(
        "search", "null_characters_not_allowed"
    )


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("x=1", "x", "unknown_parameter"),
        ("=1", "", "unknown_parameter"),
        ("%00=1", "\0", "unknown_parameter"),
        ("Status=ACTIVE", "Status", "unknown_parameter"),
        ("expand=user", "expand", "unknown_parameter"),
        ("page=2", "page", "unknown_parameter"),
        ("page_size=5&page_size=6", "page_size", "repeated_parameter"),
        ("search=a&search=b", "search", "repeated_parameter"),
        ("ordering=title&ordering=title", "ordering", "repeated_parameter"),
        ("cursor=a&cursor=b", "cursor", "repeated_parameter"),
    ],
)
def test_an_unknown_or_repeated_parameter_of_a_list_is_refused(api, alice, query, field, code):
    assert verdict(api(alice).get(f"/classes?{query}")) == invalid_parameter(field, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/classes/{}"),
        ("PATCH", "/classes/{}"),
        ("POST", "/classes"),
        ("POST", "/classes/{}/archive"),
        ("POST", "/classes/{}/unarchive"),
        ("POST", "/classes/{}/class-code"),
        ("GET", "/me"),
    ],
)
@pytest.mark.parametrize("parameter", ["x", "page_size", "cursor", "search"])
def test_calls_without_parameters_refuse_every_parameter(api, alice, algebra, method, path, parameter):
    response = api(alice).generic(method, f"{path.format(algebra.pk)}?{parameter}=1", b"{}", JSON)
    assert verdict(response) == invalid(parameter, "unknown_parameter")


def test_too_many_parameters_are_malformed(api, alice):
    query = "&".join(f"a{number}=1" for number in range(2000))
    assert verdict(api(alice).get(f"/classes?{query}")) == (400, "malformed_request", [])


NOTHING_WE_GIVE = [";;", "*", "application/xml", "é", "a/b/c", "x" * 5000]


@pytest.mark.parametrize("accept", [*NOTHING_WE_GIVE, "*/*;q=0", "application/json;q=0", "application/*;q=0.0", ","])
def test_an_accept_header_without_a_supported_type_is_a_406(api, alice, accept):
    assert verdict(api(alice).get("/classes", headers={"Accept": accept})) == (406, "not_acceptable", [])


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json;q=foo", "application/json; indent=4"])
def test_an_accept_header_that_includes_json_gets_json(api, alice, accept):
    response = api(alice).get("/classes", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, JSON)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
        ("text/html;q=0, */*", JSON),
        ("text/html;q=0.2, application/json;q=0.1", "text/html"),
        ("application/json;q=0.2, text/html;q=0.1", JSON),
        ("text/html, application/json", JSON),
        ("*/*, text/html", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json, text/plain, */*", JSON),
        ("", JSON),
    ],
)
def test_the_preferred_representation_is_given(signed_in, alice, accept, media_type):
    response = signed_in(alice).get("/classes", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, media_type)


def test_a_form_too_large_to_show_again_gets_the_same_checks(api, browser_client, alice):
    fields, page = b"&".join(b"a%d=1" % number for number in range(1100)), {"Accept": "text/html"}
    answers = [
        client.generic("POST", "/classes", fields, FORM, headers=page) for client in (api(), browser_client(alice))
    ]
    assert [answer.status_code for answer in answers] == [401, 403]
    assert "WWW-Authenticate" in answers[0]


def test_a_browser_gets_a_page_for_a_body_that_is_too_large(browser):
    response = browser(b"title=" + b"x" * ONE_MIB, FORM, Accept="text/html,*/*;q=0.8")
    assert (response.status_code, "Too large" in response.content.decode()) == (413, True)


def test_an_empty_key_header_is_a_wrong_key(api, db):
    assert verdict(api().get("/classes", headers={"X-API-Key": ""})) == unauthenticated("malformed_key")
