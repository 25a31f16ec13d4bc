"""Reading a JSON body strictly, and saying what is wrong with one."""

import json
from typing import Any

import orjson
from rest_framework.exceptions import ParseError

from tutorarc.api.exceptions import RepeatedField
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import kind_of

DEPTH_ERROR = "depth limit exceeded"  # orjson has no class of its own for these two
ENCODING_ERROR = "str is not valid UTF-8: surrogates not allowed"
# More would be more values than any call takes: its longest text has 10,000 characters. To parse half a million lists
# takes a second, because of the garbage collector, and repeated names are looked for by json, which is slow.
MAX_COMMAS = 20_000
OTHER_QUOTES = set("'`‘’“”")


def read_object(text: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises ParseError, and RepeatedField for a name given twice in one object."""
    body = _load(text)
    if not isinstance(body, dict):
        raise ParseError(_not_an_object(body), ErrorReason.NOT_AN_OBJECT)
    return body


def _load(text: bytes) -> Any:
    """Unlike json, orjson refuses NaN and lone surrogates. It reads more levels than it can write in an error."""
    if len(text) > MAX_COMMAS and text.count(b",") > MAX_COMMAS:
        raise ParseError(code=ErrorReason.TOO_MANY_VALUES)
    try:
        body = orjson.loads(text)
        written = orjson.dumps(body)
    except orjson.JSONDecodeError as error:
        if error.msg == DEPTH_ERROR:
            raise ParseError(code=ErrorReason.NESTED_TOO_DEEPLY) from None
        raise ParseError(_malformed(text, error), ErrorReason.MALFORMED_JSON) from None
    except orjson.JSONEncodeError:
        raise ParseError(code=ErrorReason.NESTED_TOO_DEEPLY) from None
    if _may_repeat_a_name(text, written):
        json.loads(text, object_pairs_hook=_refuse_repetition, parse_int=str, parse_float=str)
    return body


def _may_repeat_a_name(text: bytes, written: bytes) -> bool:
    """Whether quotes were lost, as with each repeated name: orjson keeps the last one. An escaped quote hides that."""
    return text.count(b'"') != written.count(b'"') or (b"\\" in text and b"u0022" in text)


def _refuse_repetition(pairs: list[tuple[str, Any]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            raise RepeatedField(name)
        names.add(name)


def _malformed(text: bytes, error: orjson.JSONDecodeError) -> str:
    if error.msg == ENCODING_ERROR:
        return "The body is not in UTF-8."
    return f"The body is not valid JSON at line {error.lineno}, column {error.colno}: {_fault(text.decode(), error)}."


def _fault(text: str, error: orjson.JSONDecodeError) -> str:
    if text[error.pos : error.pos + 1] in OTHER_QUOTES:
        return "names and text need double quotes"
    is_no_json = error.pos == 0 and text[:1].isprintable() and text.strip()
    return "an object begins with {" if is_no_json else error.msg


def _not_an_object(body: Any) -> str:
    if isinstance(body, str) and body.lstrip().startswith("{"):
        return "The body is text that contains JSON: encode it only once."
    return f"The body must be a JSON object, not {kind_of(body)}."
