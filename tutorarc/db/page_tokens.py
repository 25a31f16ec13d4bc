"""Places in a list as text for an address: opaque to whoever carries it, and no secret."""

import base64
from typing import Any

import orjson


def encode(place: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode(text: str) -> Any:
    """Raises ValueError for what is no such text."""
    return orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
