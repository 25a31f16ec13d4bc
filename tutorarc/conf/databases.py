"""Settings of the database, from DATABASE_URL."""

from pathlib import Path
from typing import Any

import dj_database_url


def databases(default: Path, *, transaction_pooling: bool) -> dict[str, Any]:
    """Django's DATABASES. `default` is the SQLite file without DATABASE_URL; `transaction_pooling` is PgBouncer's."""
    database: dict[str, Any] = dict(dj_database_url.config(default=f"sqlite:///{default}", conn_max_age=600))
    if database["ENGINE"] == "django.db.backends.postgresql":
        database |= _postgresql(database.get("OPTIONS", {}), transaction_pooling)
    elif database["ENGINE"] == "django.db.backends.sqlite3":
        database |= _sqlite(Path(str(database["NAME"])))
    return {"default": database}


def _postgresql(options_of_url: dict[str, Any], transaction_pooling: bool) -> dict[str, Any]:
    """PgBouncer gives each transaction another connection: nothing of one may be left for the next."""
    return {
        "ENGINE": "tutorarc.db.postgres",
        "DISABLE_SERVER_SIDE_CURSORS": transaction_pooling,
        "OPTIONS": {
            "server_side_binding": True,
            # A statement that comes again is parsed and planned once for each connection.
            "prepare_threshold": None if transaction_pooling else 1,
            "connect_timeout": 2,
            # How soon libpq notices that the other machine is gone: while it sends, and while it waits for an answer.
            "tcp_user_timeout": 2000,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            **options_of_url,
        },
    }


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "tutorarc.db.sqlite",
        "OPTIONS": {
            # IMMEDIATE takes the write lock before the first read, so a verb's read and write can't be split by
            # another's.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        # A file, not memory: threads of one test need connections of their own.
        "TEST": {"NAME": file.with_suffix(".test.sqlite3")},
    }
