"""History wording of live sessions for the admin site."""

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.models import User
from tutorarc.staff.history_registry import ModelHistory

LIVE_SESSION_HISTORY = ModelHistory(
    model=LiveSession,
    phrases={
        "scheduled": "scheduled {session}",
        "rescheduled": "changed {session}",
        "cancelled": "cancelled {session}",
        "started": "started {session}",
        "ended": "ended {session}",
        "transferred": "handed over {session}",
        "links_renewed": "renewed the links of {session}",
        "attendance_changed": "changed the attendance of {user} at the {session}",
    },
    refers_to={"session": LiveSession, "klass": Class, "user": User},
    fields=("title", "startTime", "duration", "strict", "teacherId", "roomUrl", "externalId", "message"),
    name="{title}",
    reads_present_name=False,
)
