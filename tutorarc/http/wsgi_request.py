"""Django's WSGI application and request, hardened against malformed headers."""

import re
from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import LimitedStream, WSGIHandler, WSGIRequest
from django.db import DEFAULT_DB_ALIAS, connections
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters

from tutorarc.http.preload import load_checkout

BROKEN_PARAMETER = (ValueError, TypeError)  # what Django's parser raises for `a*=bogus'x'%41`, and for `a*=x; a*0=y`

FORM = "application/x-www-form-urlencoded"
LONGEST_ACCEPT = 1_000  # characters; the rest is not read. Browsers send some 150
LONGEST_COOKIES = 8_192  # characters of all cookies; longer ones are ignored
CONDITIONS, LONGEST_CONDITION = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"), 1_000  # a browser sends the ETag that it got
LONGEST_CONTENT_TYPE = 500  # characters; the parameters of a longer one are not read
MAX_PARTS = 100  # of a multipart form: parsing takes a tenth of a millisecond for each, however small it is
MAX_ESCAPES = 100_000  # of the largest form: each of 10,000 characters may take four, and is sent with its old value


class IncompleteBody(BadRequest):
    """The body is shorter than its Content-Length."""


class TooManyParts(MultiPartParserError):
    """The multipart form has more parts than any form of this site."""


class CompleteBodyStream(LimitedStream):
    """Body stream that raises IncompleteBody if the client sends less than its Content-Length."""

    _pos: int

    def read(self, size: Any = -1, /) -> bytes:
        left = self.limit - self._pos
        data: bytes = super().read(size)
        if len(data) < (left if size is None or size < 0 else min(size, left)):
            raise IncompleteBody("The body is cut off.")
        return data


class Request(WSGIRequest):
    """Request whose text is always UTF-8, because Django fails on unknown charsets."""

    _stream: Any
    _read_started: bool

    def __init__(self, environ: Any) -> None:
        super().__init__(environ)
        if self._stream.limit:
            self._stream = CompleteBodyStream(environ["wsgi.input"], self._stream.limit)
        if _are_costly(environ.get("HTTP_COOKIE", "")):
            environ["HTTP_COOKIE"] = ""
        for name in CONDITIONS:
            if len(environ.get(name, "")) > LONGEST_CONDITION:
                del environ[name]
        if len(accept := environ.get("HTTP_ACCEPT", "")) > LONGEST_ACCEPT:
            accept = environ["HTTP_ACCEPT"] = accept[:LONGEST_ACCEPT].rpartition(",")[0]
        if ";" in accept:
            environ["HTTP_ACCEPT"] = _readable(accept)

    def _set_content_type_params(self, meta: Any) -> None:
        if len(meta.get("CONTENT_TYPE", "")) > LONGEST_CONTENT_TYPE:
            meta["CONTENT_TYPE"] = meta["CONTENT_TYPE"][:LONGEST_CONTENT_TYPE].partition(";")[0]
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except BROKEN_PARAMETER:
            meta["CONTENT_TYPE"] = self.content_type = meta["CONTENT_TYPE"].partition(";")[0].strip().lower()
            self.content_params = {}

    def _load_post_and_files(self) -> None:
        is_readable = hasattr(self, "_body") or not self._read_started
        if self.content_type == FORM and is_readable and has_too_many_escapes(self.body):
            raise BadRequest("The form has more escaped bytes than any form of this site.")
        super()._load_post_and_files()

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:  # noqa: N803 (Django's name)
        """Parts of a multipart form have their own headers, which may be malformed too. Raises TooManyParts."""
        body = post_data.read()
        refuse_many_parts(body, self.content_params)
        try:
            return super().parse_file_upload(META, BytesIO(body))
        except BROKEN_PARAMETER as error:
            raise MultiPartParserError(str(error)) from None


def refuse_many_parts(form: bytes, content_params: Mapping[str, str] | None) -> None:
    """Raises TooManyParts. They are counted before they are parsed: Django reads 1,000 before it refuses the next."""
    boundary = (content_params or {}).get("boundary", "")
    if boundary and form.count(b"--" + boundary.encode()) > MAX_PARTS + 1:  # the last one ends the form
        raise TooManyParts(f"A multipart form may have at most {MAX_PARTS} parts.")


def has_too_many_escapes(form: bytes) -> bool:
    """Whether it would take long to decode the form: each `%` costs a microsecond."""
    return len(form) > MAX_ESCAPES and form.count(b"%") > MAX_ESCAPES


def _are_costly(cookies: str) -> bool:
    """Whether cookies take long to parse. Escaped characters take quadratic time in Python before 3.11.10."""
    return len(cookies) > LONGEST_COOKIES // 2 and (len(cookies) > LONGEST_COOKIES or "\\" in cookies)


def _readable(accept: str) -> str:
    """The Accept header, without parameters if one is malformed: Django's error page reads the header too."""
    try:
        for one in accept.split(","):
            parse_header_parameters(one)
    except BROKEN_PARAMETER:
        return re.sub(";[^,]*", "", accept)
    return accept


class Application(WSGIHandler):
    request_class = Request

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Check the database connection directly instead of by Django's signal, which is slower."""
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        return super().__call__(environ, start_response)


def make_application() -> Application:
    """The WSGI application with everything loaded.

    The first request isn't slow, and a checkout that is replaced while the process runs changes nothing.
    """
    django.setup(set_prefix=False)
    application = Application()
    import_module(settings.ROOT_URLCONF)
    load_checkout()
    return application
