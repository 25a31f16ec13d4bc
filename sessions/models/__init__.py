"""Models of live sessions. Each has its methods of change beside it."""

from sessions.models.attendance import Attendance, AttendanceStatus
from sessions.models.live_session import REFUSALS, LiveSession
from sessions.models.scheduled_session import MAX_CANCEL_MESSAGE
from sessions.models.series import Scope, Series

__all__ = ["MAX_CANCEL_MESSAGE", "REFUSALS", "Attendance", "AttendanceStatus", "LiveSession", "Scope", "Series"]
