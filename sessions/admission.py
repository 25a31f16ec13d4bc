"""Who gets into a live session, when, and why not: one pure function of the session, the role and the moment.

`strict` (seed A) means that the door keeps the timetable: a student is let in from the start to the end, a teacher
from 15 minutes before. Without it both may enter from the session's creation on, until somebody ends it.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from django.db.models import TextChoices

TEACHER_COMES_EARLIER = timedelta(minutes=15)
BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)

Role = Literal["student", "teacher"]


class Status(TextChoices):
    SCHEDULED = "SCHEDULED"
    LIVE = "LIVE"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class Reason(TextChoices):
    OPEN = "open"
    TOO_EARLY = "too_early"
    OVER = "over"
    CANCELLED = "cancelled"
    CLASS_ARCHIVED = "class_archived"
    NOT_A_TEACHER = "not_a_teacher"


class Admission(NamedTuple):
    """`closes_at` is None where only a person ends the session."""

    reason: Reason
    opens_at: datetime
    closes_at: datetime | None

    @property
    def admitted(self) -> bool:
        return self.reason == Reason.OPEN


class Timetable(Protocol):
    """What the rule needs to know of a session."""

    start_time: datetime
    strict: bool
    created_at: datetime
    ended_at: datetime | None
    cancelled_at: datetime | None

    @property
    def end_time(self) -> datetime: ...

    @property
    def is_class_archived(self) -> bool: ...


def admission(session: Timetable, role: Role, moment: datetime) -> Admission:
    """Whether someone in this role may enter at `moment`; both ends of the time the door is open are told."""
    opens_at, closes_at = _door(session, role)
    return Admission(_reason(session, moment, opens_at, closes_at), opens_at, closes_at)


def status_at(session: Timetable, moment: datetime) -> Status:
    """SCHEDULED, LIVE, ENDED or CANCELLED, by the clock: only a strict session ends by itself."""
    if session.cancelled_at is not None:
        return Status.CANCELLED
    if session.ended_at is not None or (session.strict and moment >= session.end_time):
        return Status.ENDED
    return Status.LIVE if moment >= session.start_time else Status.SCHEDULED


def _door(session: Timetable, role: Role) -> tuple[datetime, datetime | None]:
    if not session.strict:
        return session.created_at, None
    earlier = TEACHER_COMES_EARLIER if role == "teacher" else timedelta()
    return max(session.start_time, BEGINNING_OF_TIME + earlier) - earlier, session.end_time


def _reason(session: Timetable, moment: datetime, opens_at: datetime, closes_at: datetime | None) -> Reason:
    if session.cancelled_at is not None:
        return Reason.CANCELLED
    if session.is_class_archived:
        return Reason.CLASS_ARCHIVED
    if session.ended_at is not None and moment >= session.ended_at:
        return Reason.OVER
    if moment < opens_at:
        return Reason.TOO_EARLY
    return Reason.OVER if closes_at is not None and moment >= closes_at else Reason.OPEN
