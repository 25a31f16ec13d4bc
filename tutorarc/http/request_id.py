"""The id of the current request, for logs, errors and the `X-Request-ID` header."""

import re
from contextvars import ContextVar

from uuid_utils.compat import uuid7

current: ContextVar[str] = ContextVar("request_id", default="")
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


def take(sent: str) -> str:
    """The client's id if it is well formed, otherwise a new one."""
    return sent if _SANE.fullmatch(sent) else f"req_{uuid7().hex}"
