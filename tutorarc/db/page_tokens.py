"""Encoding of list positions as opaque text for URLs. Not secret."""

import base64
from typing import Any

import orjson


def encode(place: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode(text: str) -> Any:
    """Raises ValueError for malformed text."""
    return orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
