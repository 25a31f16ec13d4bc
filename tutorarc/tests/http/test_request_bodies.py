"""Bodies are read before anything else is done with a request, and slow ones are refused."""

import json
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from tutorarc.http import request_bodies
from tutorarc.http.request_bodies import BodyReader
from tutorarc.http.slow_senders import SlowSenders

ONE_MIB = 1024 * 1024
CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}


class SlowStream(BytesIO):
    """A stream that takes some seconds for its first bytes."""

    def __init__(self, body, seconds, clock):
        super().__init__(body)
        self.seconds, self.clock, self.sizes = seconds, clock, []

    def read(self, size=-1):
        self.clock.now += self.seconds
        self.seconds = 0
        self.sizes.append(size)
        return super().read(size)


@pytest.fixture
def read_body(monkeypatch):
    """`read_body(body)`: status, headers, content, and the body and its length as the application gets them."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(request_bodies, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr("tutorarc.http.slow_senders.Thread.start", lambda thread: None)
    seen = []

    def application(environ, start_response):
        seen.append((environ["wsgi.input"].read(), environ["CONTENT_LENGTH"]))
        start_response("200 OK", [])
        return [b"served"]

    def read(body, seconds=0, path="/api/v1/classes", **environ):
        answered = []
        asked = RequestFactory().generic("POST", path).environ | {"CONTENT_LENGTH": str(len(body))} | environ
        asked["wsgi.input"] = stream = SlowStream(body, seconds, clock)
        reader = BodyReader(application, SlowSenders())
        content = b"".join(reader(asked, lambda status, headers: answered.append((status, dict(headers)))))
        return *answered[0], content, seen, stream.sizes

    return read


@pytest.mark.parametrize(("environ", "size"), [({}, 7), (CHUNKED, ONE_MIB + 1)])
def test_the_whole_body_is_read_before_the_application_is_called(read_body, environ, size):
    assert read_body(b'{"a":1}', **environ) == ("200 OK", {}, b"served", [(b'{"a":1}', "7")], [size])


def test_a_chunked_form_of_a_page_has_a_length_too(read_body):
    *_, seen, sizes = read_body(b"a=1", path="/accounts/login/", **CHUNKED)
    assert (seen, sizes) == ([(b"a=1", "3")], [4 * ONE_MIB + 1])


def test_of_a_body_over_the_limit_one_byte_more_is_kept_and_the_rest_discarded(read_body):
    *_, seen, sizes = read_body(b"x" * (ONE_MIB + 70_000))
    assert ([len(body) for body, _ in seen], sizes) == ([ONE_MIB + 1], [ONE_MIB + 1, 65_536, 65_536, 65_536])


def test_a_request_without_a_body_is_not_read(read_body):
    assert read_body(b"", CONTENT_LENGTH="0") == ("200 OK", {}, b"served", [(b"", "0")], [-1])


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "500"}, CHUNKED])
def test_an_api_call_whose_body_is_not_there_in_time_is_408(read_body, environ):
    status, headers, content, seen, _ = read_body(b"{", 11, **environ)
    error = json.loads(content)["error"]
    assert (status, headers["Connection"], seen) == ("408 Request Timeout", "close", [])
    assert (error["code"], error["reason"]) == ("REQUEST_TIMEOUT", "body_too_slow")


def test_a_form_that_is_not_there_in_time_is_a_page(read_body):
    status, headers, content, seen, _ = read_body(b"a=1", 11, "/accounts/login/", CONTENT_LENGTH="500")
    assert (status, headers["Content-Type"], seen) == ("408 Request Timeout", "text/html; charset=utf-8", [])
    assert b"<h1>Too slow</h1>" in content


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "500"}, CHUNKED])
def test_a_body_that_the_client_cut_off_in_time_reaches_the_application(read_body, environ):
    assert read_body(b"{", 9, **environ)[0] == "200 OK"


def test_a_larger_body_may_take_longer(read_body):
    assert read_body(b"x" * 40_960, 19, **CHUNKED)[0] == "200 OK"
    assert read_body(b"x" * 40_960, 21, **CHUNKED)[0] == "408 Request Timeout"


def test_a_body_that_is_complete_is_never_too_slow(read_body):
    assert read_body(b"{}", 60)[0] == "200 OK"
