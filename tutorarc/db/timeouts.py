"""Time limits for the database work of a request. Commands have none."""

import math
from typing import Any

from django.conf import settings

IDLE_IN_TRANSACTION_SECONDS = 30  # after which a client that stopped in the middle no longer holds its locks
GRACE_SECONDS = 5.0  # in which PostgreSQL should have ended a statement itself, also behind PgBouncer


def limit_requests(database: Any = None) -> None:
    """Set the limits of the server process, before its first connection."""
    database = settings.DATABASES["default"] if database is None else database
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "tutorarc.db.sqlite":
        options["timeout"] = settings.LOCK_TIMEOUT or options["timeout"]
        return
    given = options.get("options", "")
    options["answer_timeout"] = _answer_timeout(given)
    if settings.TRANSACTION_POOLING:
        return  # PgBouncer refuses a connection that asks for limits: the role has them (docs/deploy.md, "PgBouncer")
    limits = {
        "statement_timeout": settings.STATEMENT_TIMEOUT,
        "lock_timeout": settings.LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS,
    }
    ours = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    options["options"] = f"{ours} {given}".strip()  # of two the later one holds: that of DATABASE_URL


def _answer_timeout(given: str) -> float:
    """When to stop waiting for a server that hangs, in seconds. DATABASE_URL may set a statement_timeout of its own."""
    if settings.STATEMENT_TIMEOUT == 0 or "statement_timeout" in given:
        return math.inf
    return settings.STATEMENT_TIMEOUT + GRACE_SECONDS
