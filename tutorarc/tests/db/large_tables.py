"""Tables that are large enough for the planner to use an index."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from sessions.models import LiveSession

ROWS = 2_000


def fill_sessions(by: Any, latest: datetime) -> None:
    """One session a day, back from the latest."""
    of_all = {"title": "Algebra", "duration": 60, "teacher_ref": "t", "created_by": by}
    starts = [latest - timedelta(days=days) for days in range(ROWS)]
    LiveSession.objects.bulk_create(
        LiveSession(start_time=start, end_time=start + timedelta(hours=1), **of_all) for start in starts
    )


def count_rows() -> None:
    """Update the planner's statistics. PostgreSQL reads a table that it believes empty without an index."""
    connection.cursor().execute("ANALYZE")
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_seqscan = off")
