"""When the clock starts or ends a session. The worker writes the events (sessions/jobs.py).

`next_clock_event_at` of a session is the next of these times whose event is not written yet: its start, or the end of a
strict one. None: no event follows.
"""

from datetime import datetime
from typing import Protocol

from django.utils import timezone

from sessions.admission import Status


class Session(Protocol):
    start_time: datetime
    strict: bool
    next_clock_event_at: datetime | None


def told_status(session: Session) -> Status:
    """What the events of the clock have said last.

    One to come without a time was written by a version without the column: its start is not told yet.
    """
    is_without_time = session.next_clock_event_at is None and session.start_time > timezone.now()
    if is_without_time or session.next_clock_event_at == session.start_time:
        return Status.SCHEDULED
    is_ended = session.strict and session.next_clock_event_at is None
    return Status.ENDED if is_ended else Status.LIVE


def next_clock_event(
    told: Status, now: datetime, *, start_time: datetime, end_time: datetime, strict: bool
) -> datetime | None:
    """When the next event follows for a session that gets these times now.

    The event of a session that starts in the past follows at once. For times that are wholly past there is none, except
    for the end of a session whose start was told.
    """
    is_over = strict and end_time <= now
    if start_time > now or (told == Status.SCHEDULED and not is_over):
        return start_time
    if told == Status.LIVE or not is_over:
        return end_time if strict else None
    return None
