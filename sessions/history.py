"""History wording of live sessions for the admin site."""

from typing import Any

from sessions.admission import Status, status_at
from sessions.models import LiveSession
from tutorarc.staff.history_registry import ModelHistory


def status_then(record: Any) -> Status:
    return status_at(record, record.history_date)


LIVE_SESSION_HISTORY = ModelHistory(
    model=LiveSession,
    phrases={
        "schedule": "scheduled {session}",
        "reschedule": "changed {session}",
        "cancel": "cancelled {session}",
        "end": "ended {session}",
        "renew_links": "renewed the links of {session}",
    },
    refers_to={"session": "id", "klass": "klass"},
    fields=("title", "start_time", "duration", "strict", "teacher_ref"),
    name="{title}",
    reads_present_name=False,
    status=status_then,
)
