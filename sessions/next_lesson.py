"""The next lesson, on the home page and on the page of its class."""

from dataclasses import dataclass
from datetime import datetime

from sessions.admission import Reason, admission
from sessions.models import LiveSession
from tutorarc.models import User


@dataclass
class NextLesson:
    """A lesson as the user sees it. `opens_at` is None while they can enter."""

    session: LiveSession
    is_on: bool
    is_teacher: bool
    link: str
    opens_at: datetime | None


def as_seen_by(user: User, session: LiveSession, *, is_teacher: bool, now: datetime) -> NextLesson:
    entry = admission(session, "teacher" if is_teacher else "student", now)
    return NextLesson(
        session=session,
        is_on=session.start_time <= now,
        is_teacher=is_teacher,
        link=session.teacher_link_for(user) if is_teacher else session.student_link,
        opens_at=entry.opens_at if entry.reason == Reason.TOO_EARLY else None,
    )
