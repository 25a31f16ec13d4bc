"""Examples for the API reference, as in the contract where it has them."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample

from apikeys.examples import SampleCall

NEW_SESSION: dict[str, object] = {
    "title": "Introduction to Calculus",
    "startTime": "2026-03-20T10:00:00Z",
    "duration": 60,
    "strict": True,
    "teacherId": "teacher_123",
}


def session_within_the_hour() -> dict[str, object]:
    """A request body for a session in the future: the one in the contract is in the past."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return NEW_SESSION | {"startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}"}


SAMPLE_CALL = SampleCall("sessions:write", "class-list", session_within_the_hour)

LINKS = {
    "sessionId": "session_abc123",
    "teacherLink": "https://board.tutorarc.com/board?id=session_abc123&role=teacher",
    "studentLink": "https://board.tutorarc.com/join?id=session_abc123",
}
SESSION = {
    **LINKS,
    **NEW_SESSION,
    "classId": None,
    "seriesId": None,
    "externalId": None,
    "status": "SCHEDULED",
    "roomUrl": None,
    "createdAt": "2026-03-14T09:30:00Z",
    "updatedAt": "2026-03-14T09:30:00Z",
}


NEW_SERIES = NEW_SESSION | {"recurrence": "FREQ=WEEKLY;BYDAY=FR;COUNT=12", "timeZone": "Europe/Berlin"}
SERIES = {
    "seriesId": "ser_abc123",
    "title": "Introduction to Calculus",
    "startTime": "2026-03-20T10:00:00Z",
    "duration": 60,
    "recurrence": "FREQ=WEEKLY;BYDAY=FR;COUNT=12",
    "timeZone": "Europe/Berlin",
    "classId": None,
    "createdAt": "2026-03-14T09:30:00Z",
}
SESSIONS = [SESSION | {"seriesId": "ser_abc123"}]


def _sent(name: str, value: object) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _answer(name: str, data: object, status: str = "200") -> OpenApiExample:
    value = {"status": "success", "data": data}
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


CREATE_LINKS = [_sent("A live session", NEW_SESSION), _answer("A live session", LINKS)]
LIST = [OpenApiExample("A session", value=SESSION, response_only=True)]
CREATE = [
    _sent("A live session", NEW_SESSION),
    _sent("A series", NEW_SERIES),
    _answer("A session", SESSION, "201"),
    _answer("The first session of a series", {"seriesId": "ser_abc123", "sessions": SESSIONS}, "201"),
]
LIST_SERIES = [OpenApiExample("A series", value=SERIES, response_only=True)]
RETRIEVE_SERIES = [_answer("A series with its first session", SERIES | {"sessions": SESSIONS})]
RETRIEVE = [_answer("A session", SESSION)]
RESCHEDULE = [
    _sent("Another time", {"startTime": "2026-03-20T11:00:00Z"}),
    _sent("Another time for the rest of a series", {"startTime": "2026-03-20T11:00:00Z", "scope": "following"}),
    _answer("A session", SESSION),
]
CANCEL = [
    _sent("A message to the students", {"message": "I am ill. Is Tuesday at ten possible?"}),
    _answer("A cancelled session", {**SESSION, "status": "CANCELLED"}),
]
PERSONAL_LINK = [
    _answer(
        "The link of a student",
        {
            "sessionId": "session_abc123",
            "userId": "usr_456",
            "personalLink": f"{LINKS['studentLink']}&token=joinlink_456.hEYC2Yq1S",
        },
    )
]
END = [_answer("A session that is over", {**SESSION, "status": "ENDED"})]
ADMISSION = [
    _answer(
        "Too early",
        {
            "admitted": False,
            "reason": "too_early",
            "opensAt": "2026-03-20T10:00:00Z",
            "closesAt": "2026-03-20T11:00:00Z",
            "title": "Introduction to Calculus",
        },
    )
]
ADMISSION_PREVIEW = [
    OpenApiExample(
        "A student who is too early",
        value={"user_id": "usr_456", "role": "student", "admitted": False, "reason": "too_early"},
        response_only=True,
    )
]
