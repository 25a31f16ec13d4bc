"""JSON encoding of responses: times are UTC with a Z."""

from typing import Any

import orjson


def dump(data: Any, *, indented: bool = False) -> bytes:
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if indented else 0))
