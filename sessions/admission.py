"""Rules for entering a live session (docs/contract.md, "Admission").

`admission` decides from the session, the role and the time alone.

`strict` enforces the schedule: a student can enter from start to end, a teacher from 15 minutes before the start.
Without it both can enter from the session's creation until somebody ends it.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Protocol

from django.db.models import TextChoices

TEACHER_EARLY_ENTRY = timedelta(minutes=15)
EARLIEST_DATETIME = datetime.min.replace(tzinfo=UTC)

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
    REMOVED = "removed"  # for a visitor who is known by a sign-in or a personal link
    LINK_ENDED = "link_ended"  # for a personal link


class Admission(NamedTuple):
    """Answer of `admission`. `closes_at` is None if only a person can end the session."""

    reason: Reason
    opens_at: datetime
    closes_at: datetime | None

    @property
    def admitted(self) -> bool:
        return self.reason == Reason.OPEN


class Schedule(Protocol):
    """Attributes of a session that the rules use."""

    start_time: datetime
    strict: bool
    created_at: datetime
    ended_at: datetime | None
    cancelled_at: datetime | None

    @property
    def end_time(self) -> datetime: ...

    @property
    def is_class_archived(self) -> bool: ...


def admission(session: Schedule, role: Role, time: datetime) -> Admission:
    """Whether somebody in this role can enter at `time`, why not, and when entry opens and closes."""
    opens_at, closes_at = _entry_window(session, role)
    return Admission(_reason(session, time, opens_at, closes_at), opens_at, closes_at)


def status_at(session: Schedule, time: datetime) -> Status:
    """SCHEDULED, LIVE, ENDED or CANCELLED at `time`. Only a strict session ends without an action."""
    if session.cancelled_at is not None:
        return Status.CANCELLED
    if session.ended_at is not None or (session.strict and time >= session.end_time):
        return Status.ENDED
    return Status.LIVE if time >= session.start_time else Status.SCHEDULED


def _entry_window(session: Schedule, role: Role) -> tuple[datetime, datetime | None]:
    if not session.strict:
        return session.created_at, None
    earlier = TEACHER_EARLY_ENTRY if role == "teacher" else timedelta()
    return max(session.start_time, EARLIEST_DATETIME + earlier) - earlier, session.end_time


def _reason(session: Schedule, time: datetime, opens_at: datetime, closes_at: datetime | None) -> Reason:
    if session.cancelled_at is not None:
        return Reason.CANCELLED
    if session.is_class_archived:
        return Reason.CLASS_ARCHIVED
    if session.ended_at is not None and time >= session.ended_at:
        return Reason.OVER
    if time < opens_at:
        return Reason.TOO_EARLY
    return Reason.OVER if closes_at is not None and time >= closes_at else Reason.OPEN
