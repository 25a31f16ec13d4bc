"""Background work of live sessions: the events of the clock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from sessions.admission import Status
from sessions.clock_events import next_clock_event
from sessions.models import LiveSession
from sessions.querysets import MAX_DURATION_MINUTES
from tutorarc.domain.events import SYSTEM, record
from tutorarc.jobs.registry import Payload, each_turn, periodic

TOGETHER = 500
AHEAD = timedelta(days=7)
# By verb: the status before, and how the API shows the session at the moment of the event, which may be long ago.
FROM_STATUS = {"start": Status.SCHEDULED, "end": Status.LIVE}
SHOWN: dict[str, Callable[[LiveSession], dict[str, Any]]] = {
    "start": lambda session: session.as_shown_at(session.start_time),
    "end": lambda session: session.as_shown_at(session.end_time),
}


@each_turn
def write_clock_events() -> bool:
    """Write the events of sessions that the clock has started or ended. Whether there may be more."""
    now = timezone.now()
    # In order, and not by `exists`: for a time that it doesn't know, PostgreSQL expects a third of all to be due, and
    # without an order it looks for the first one in the whole table.
    due = LiveSession.objects.filter(next_clock_event_at__lte=now).order_by("next_clock_event_at")
    return bool(due.values_list("pk")[:1]) and _write_some(due, now)


@transaction.atomic
def _write_some(due: QuerySet[LiveSession], now: datetime) -> bool:
    """One event for each session. One whose end is past too is due again, and one in use comes in the next turn."""
    locked = due.select_related("klass").select_for_update(of=("self",), no_key=True, skip_locked=True)
    sessions = list(locked[:TOGETHER])
    events: dict[str, list[LiveSession]] = {"start": [], "end": [], "": []}
    for session in sessions:
        verb, session.next_clock_event_at = _event_and_next(session, now)
        events["" if session.is_class_archived else verb].append(session)
    LiveSession.objects.bulk_update(sessions, ["next_clock_event_at"])
    for verb, from_status in FROM_STATUS.items():
        record(events[verb], SYSTEM, verb=verb, from_status=from_status, data=SHOWN[verb])
    return bool(sessions)


def _event_and_next(session: LiveSession, now: datetime) -> tuple[str, datetime | None]:
    """The verb of the event, if any, and when the next one follows."""
    if not session.can_be_moved:
        return "", None
    if session.next_clock_event_at == session.start_time:
        return "start", session.end_time if session.strict else None
    if session.strict and session.next_clock_event_at == session.end_time:
        return "end", None
    return "", next_clock_event(Status.SCHEDULED, now, **session.times)  # moved by a version without the column


@periodic("sessions.find_clock_times", every=timedelta(hours=1))
def find_clock_times(_payload: Payload) -> None:
    """Fill in the next event of open sessions that a version without the column has written.

    Of those to come, only the next week's: one that starts later has its turn before it does, and to look for it every
    hour costs a read of all lessons to come.
    """
    now = timezone.now()
    open_ones = LiveSession.objects.filter(next_clock_event_at=None, ended_at=None, cancelled_at=None)
    _fill(open_ones.filter(start_time__gt=now, start_time__lte=now + AHEAD), "start_time")
    begun = Q(start_time__gt=now - timedelta(minutes=MAX_DURATION_MINUTES), start_time__lte=now)
    _fill(open_ones.filter(begun, strict=True, end_time__gt=now), "end_time")


def _fill(sessions: QuerySet[LiveSession], field: str) -> None:
    by_start = sessions.order_by("start_time")  # the order of the index, so that PostgreSQL reads no others
    while keys := list(by_start.values_list("pk", flat=True)[:TOGETHER]):
        sessions.filter(pk__in=keys).update(next_clock_event_at=F(field))
