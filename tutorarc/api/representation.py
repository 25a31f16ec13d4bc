"""Parsers, renderers, content negotiation and metadata."""

from io import BytesIO
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import Http404, QueryDict
from django.utils.http import parse_header_parameters
from rest_framework import parsers
from rest_framework.exceptions import NotAcceptable, ParseError, UnsupportedMediaType
from rest_framework.metadata import SimpleMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from tutorarc.api import json as jsontext
from tutorarc.api.json_body import read_object
from tutorarc.api.permissions import who_may
from tutorarc.api.strict_serializer import NoBody
from tutorarc.http.accept import JSON, wanted
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import excerpt, join_names
from tutorarc.http.wsgi_request import BROKEN_PARAMETER, TooManyParts, has_too_many_escapes, refuse_many_parts


class JsonParser(BaseParser):
    """Parser for one JSON object in UTF-8."""

    media_type = JSON

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return read_object(stream.read(settings.MAX_BODY_BYTES + 1))


class FormParser(parsers.FormParser):
    """Parser for forms in strict UTF-8: Django would store replacement characters for invalid bytes."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        if has_too_many_escapes(body):
            raise ParseError(code=ErrorReason.MALFORMED_FORM)
        _, parameters = parse_header_parameters(media_type or "")
        if parameters.get("charset", "utf-8").lower() != "utf-8":
            raise ParseError(code=ErrorReason.NOT_UTF_8)
        _require_utf_8(unquote_to_bytes(body))  # the whole body at once: separators are ASCII
        return QueryDict(body)


class MultiPartParser(parsers.MultiPartParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read()
        _require_utf_8(body)
        _refuse_many_parts(body, media_type)
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except BROKEN_PARAMETER as error:
            raise ParseError(f"The form is malformed: {error}.", ErrorReason.MALFORMED_FORM) from None
        except ParseError as error:
            raise ParseError(str(error.detail), ErrorReason.MALFORMED_FORM) from None


def _refuse_many_parts(body: bytes, media_type: str | None) -> None:
    try:
        refuse_many_parts(body, parse_header_parameters(media_type or "")[1])
    except TooManyParts as error:
        raise ParseError(str(error), ErrorReason.MALFORMED_FORM) from None


def _require_utf_8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError:
        raise ParseError(code=ErrorReason.NOT_UTF_8) from None


class JsonRenderer(BaseRenderer):
    media_type = JSON
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else jsontext.dump(data)


class Negotiation(DefaultContentNegotiation):
    """Content negotiation. With an API key only JSON bodies are read; HTML forms need the session cookie."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        if wanted_format := request.query_params.get("format"):
            renderers = self.filter_renderers(renderers, wanted_format)
        by_media_type = {renderer.media_type: renderer for renderer in renderers}
        media_type = wanted(request, list(by_media_type))
        if media_type is None:
            raise NotAcceptable(f"The Accept header has to include {join_names(by_media_type)}.")
        return by_media_type[media_type], media_type

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        """An unknown `?format=` is 406 instead of DRF's 404."""
        try:
            return super().filter_renderers(renderers, format)
        except Http404:
            formats = join_names(dict.fromkeys(f"format={renderer.format}" for renderer in renderers))
            raise NotAcceptable(f"Give {formats}, not {excerpt(format)}.") from None

    def select_parser(self, request: Request, candidates: Any) -> Any:
        if request.auth is not None:
            candidates = [parser for parser in candidates if parser.media_type == JSON]
        if encoding := _content_encoding(request):
            raise UnsupportedEncoding(encoding)
        parser = None if "*" in request.content_type else _matching(super().select_parser, request, candidates)
        if parser is None:
            raise UnsupportedMediaType("", _right_media_type(request.content_type, candidates))
        return parser


def _right_media_type(sent: str, parsers: Any) -> str:
    accepted = join_names(parser.media_type for parser in parsers)
    instead = f", not {excerpt(sent)}" if sent else ""
    return f"Send the body with the header Content-Type: {accepted}{instead}."


def _matching(select: Any, request: Request, candidates: Any) -> BaseParser | None:
    """The parser that DRF selects; None for a malformed media type."""
    try:
        return cast(BaseParser | None, select(request, candidates))
    except ValueError:
        return None


class UnsupportedEncoding(UnsupportedMediaType):
    """415 for a compressed body. The header tells it apart from a wrong media type (RFC 9110, section 12.5.3)."""

    headers = {"Accept-Encoding": "identity"}

    def __init__(self, encoding: str) -> None:
        sentence = f"Send the body uncompressed, without the header Content-Encoding: {encoding}."
        super().__init__("", detail=sentence, code=ErrorReason.UNSUPPORTED_ENCODING)


def _content_encoding(request: Request) -> str:
    """The header's value, cut to a readable length; empty if the body is as it is."""
    value: str = request.META.get("HTTP_CONTENT_ENCODING", "").strip()
    return "" if value.lower() == "identity" else value[:40]


class Metadata(SimpleMetadata):
    """Response to OPTIONS: for each method its purpose, who may use it, and the fields of its body."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        actions = getattr(view, "action_map", {})
        return {
            "name": getattr(view, "tag", view.get_view_name()),
            "description": view.get_view_description(),
            "methods": view.allowed_methods,
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
            "actions": {
                method.upper(): about(view, action) | self.takes(view, action)
                for method, action in actions.items()
                if method != "head"
            },
        }

    def takes(self, view: Any, action: str) -> dict[str, Any]:
        """Fields of the action's body."""
        request = view.specs[action].request
        return {} if request is NoBody else {"fields": self.get_serializer_info(request())}


def about(view: Any, action: str) -> dict[str, str]:
    """Summary, description and permission of an action, as text."""
    if action not in getattr(view, "specs", {}):
        return {}
    spec, text = view.specs[action], " ".join(getattr(view, action).__doc__.split())
    return {"does": spec.summary, "about": text, "who": who_may(spec.permission)}
