"""Examples for the API reference."""

from drf_spectacular.utils import OpenApiExample

from sessions.envelope import success

ATTENDANCE = {
    "sessionId": "session_123",
    "userId": "usr_456",
    "status": "LATE",
    "arrivedAt": "2026-03-20T10:07:00Z",
    "lateMinutes": 7,
}
EXCUSED = {**ATTENDANCE, "status": "EXCUSED", "arrivedAt": None, "lateMinutes": None}

LIST = [OpenApiExample("A student who came late", value=ATTENDANCE, response_only=True)]
MARK = [
    OpenApiExample("A student who sent an excuse", value={"status": "EXCUSED"}, request_only=True),
    OpenApiExample("Marked", value=success(EXCUSED), response_only=True),
]
MARK_ALL = [
    OpenApiExample("Two students", value={"userIds": ["usr_456", "usr_789"], "status": "PRESENT"}, request_only=True),
    OpenApiExample("Marked", value=success([{**EXCUSED, "status": "PRESENT"}]), response_only=True),
]
