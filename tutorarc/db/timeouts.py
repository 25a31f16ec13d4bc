"""How long a request may keep the database busy. Commands such as migrate and load_demo take the time they need."""

from typing import Any

from django.conf import settings

SECONDS_IDLE_IN_TRANSACTION = 30  # who stops in the middle, perhaps for good, holds what it locked no longer


def limit_requests(database: Any = None) -> None:
    """Called by the process that serves, before its first connection."""
    database = settings.DATABASES["default"] if database is None else database
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        options["timeout"] = settings.LOCK_TIMEOUT or options["timeout"]
        return
    if settings.TRANSACTION_POOLING:
        return  # PgBouncer refuses who asks for any: the role has them (docs/deploy.md, "PgBouncer")
    limits = {
        "statement_timeout": settings.STATEMENT_TIMEOUT,
        "lock_timeout": settings.LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": SECONDS_IDLE_IN_TRANSACTION,
    }
    ours = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    options["options"] = f"{ours} {options.get('options', '')}".strip()  # of two the later one holds: the address's own
