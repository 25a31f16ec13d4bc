"""What live sessions and their series hold of a person: who created them, and who came."""

from sessions.models import Attendance, LiveSession, Series
from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.models import User


def _session(session: LiveSession, _: User) -> Shown:
    """Without the links, with which people enter."""
    shown = {name: value for name, value in session.as_shown().items() if name not in ("studentLink", "teacherLink")}
    return shown | {"createdAt": session.created_at, "message": session.cancel_message}


def _series(series: Series, _: User) -> Shown:
    return {
        "seriesId": series.pk,
        "title": series.title,
        "startTime": series.start_time,
        "duration": series.duration,
        "recurrence": series.rule,
        "timeZone": series.time_zone,
        "classId": series.klass_id,
        "createdAt": series.created_at,
    }


register(
    PersonalData(
        name="live_sessions",
        model=LiveSession,
        rows=lambda user: LiveSession.objects.filter(created_by=user),
        show=_session,
    )
)
register(
    PersonalData(
        name="attendance",
        model=Attendance,
        rows=lambda user: Attendance.objects.filter(user=user).select_related("session"),
        show=lambda attendance, _: attendance.as_shown(),
    )
)
register(
    PersonalData(name="series", model=Series, rows=lambda user: Series.objects.filter(created_by=user), show=_series)
)
