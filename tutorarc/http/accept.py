"""Content negotiation by the Accept header, as real clients write it."""

from collections.abc import Sequence
from typing import Any

JSON = "application/json"
PAGE = "text/html"
ANYTHING = "*/*"
# What Java's HttpURLConnection sends by default (old and new releases). It does not ask for a page.
JAVA_DEFAULTS = {
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "text/html, image/gif, image/jpeg, */*; q=0.2",
}
Weight = tuple[float, int]
REFUSED: Weight = (0.0, 0)


def wanted(request: Any, media_types: Sequence[str]) -> str | None:
    """The media type that suits the request best, or None if its Accept header excludes all of them.

    The first of several that suit equally. Programs, which send a key, get JSON if they accept it at all: many HTTP
    libraries send a browser's header.
    """
    accept = request.META.get("HTTP_ACCEPT") or ANYTHING
    if accept == ANYTHING or accept in JAVA_DEFAULTS:
        return media_types[0]
    if JSON in media_types and sends_key(request) and _weight(accept, JSON) != REFUSED:
        return JSON
    best = max(media_types, key=lambda media_type: _weight(accept, media_type))
    return None if _weight(accept, best) == REFUSED else best


def sends_key(request: Any) -> bool:
    """Whether the request has a key, valid or not. Bearer tokens count too: their 401 is in JSON."""
    bearer = request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    return bearer or "HTTP_X_API_KEY" in request.META


def _weight(accept: str, media_type: str) -> Weight:
    """The q of the most specific range that includes the media type, and how specific that is."""
    fitting = [(specificity, _quality(text)) for text in accept.split(",") if (specificity := _fit(text, media_type))]
    specificity, quality = max(fitting, default=(0, 0.0))
    return (quality, specificity) if quality else REFUSED


def _fit(text: str, media_type: str) -> int:
    """3 for the media type itself, 2 for `type/*`, 1 for `*/*`, else 0. Parameters are ignored."""
    ranges = [ANYTHING, media_type.partition("/")[0] + "/*", media_type]
    name = text.partition(";")[0].strip().lower()
    return ranges.index(name) + 1 if name in ranges else 0


def _quality(text: str) -> float:
    """The value of `q`; 1 if there is none, or none that can be read."""
    parameters = (parameter.partition("=") for parameter in text.split(";")[1:])
    for name, _, value in parameters:
        if name.strip().lower() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 1.0
    return number if 0 <= number <= 1 else 1.0
