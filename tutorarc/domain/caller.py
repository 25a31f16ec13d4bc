"""Who sent the current request, as far as the connection shows it: for the security log."""

from contextvars import ContextVar
from typing import NamedTuple


class Caller(NamedTuple):
    """Client address, `User-Agent` header and request id; all empty in a command."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""


NO_CALLER = Caller()
# Set for each request by TrustedProxiesMiddleware. Not reset at its end, as streamed answers are written after it.
current: ContextVar[Caller] = ContextVar("caller", default=NO_CALLER)
