"""Expected answers of the API, for the tests of this app."""

from datetime import UTC, datetime, timedelta
from typing import Any

BOARD = "https://board.tutorarc.com"

# The request body of the published API
SESSION_BODY = {
    "title": "Introduction to Calculus",
    "startTime": "2026-03-20T10:00:00Z",
    "duration": 60,
    "strict": True,
    "teacherId": "teacher_123",
}
START = datetime(2026, 3, 20, 10, tzinfo=UTC)
END = datetime(2026, 3, 20, 11, tzinfo=UTC)
SECOND = timedelta(seconds=1)

# A well-formed id that names nothing
NO_SESSION = "session_01h455vb4pex5vsknk084sn02q"


def links(session_id: str) -> dict[str, str]:
    """The answer of `POST /classes` to a live session."""
    return {
        "sessionId": session_id,
        "teacherLink": f"{BOARD}/board?id={session_id}&role=teacher",
        "studentLink": f"{BOARD}/join?id={session_id}",
    }


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def session(made: Any, **changes: Any) -> dict[str, Any]:
    """A session with all fields as the API shows it; by default that of SESSION_BODY."""
    whole = {
        "classId": None,
        "seriesId": None,
        "externalId": None,
        "status": "SCHEDULED",
        "roomUrl": None,
        "createdAt": written(made.created_at),
        "updatedAt": written(made.created_at),
    }
    return {**links(made.pk), **SESSION_BODY, **whole, **changes}


def answer(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}
