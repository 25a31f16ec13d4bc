"""Changes to several sessions of a series at once (docs/contract.md, "Series").

`following` is the session and those after it, `all` every one of the series. Of these, sessions that have begun, that
are over or cancelled, and those moved by hand stay as they are; with `following` the session itself is always changed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sessions.admission import Status
from sessions.clock_events import next_clock_event, told_status
from sessions.models.live_session import REFUSALS, LiveSession
from sessions.models.series import Scope, Series
from sessions.recurrence.occurrences import OUT_OF_RANGE, SkippedTimes, in_utc, local_time
from tutorarc.domain.errors import Detail
from tutorarc.domain.events import Actor, record
from tutorarc.domain.folded_fields import folded_values
from tutorarc.domain.text_fields import cleaned

Changes = dict[str, Any]
WRITTEN = (
    *("title", "folded_title", "start_time", "duration", "end_time", "strict", "room_url"),
    *("next_clock_event_at", "calendar_sequence", "updated_at"),
)


def reschedule(session: LiveSession, by: Actor, scope: str = Scope.THIS, **changes: Any) -> LiveSession:
    """Like `session.reschedule`, for the sessions of a scope. Returns this session.

    With another `start_time` each is moved by as much as this one, in the local time of the series. Raises also
    Series.NotInSeries, Series.Over and Series.SkippedTime.
    """
    if scope == Scope.THIS:
        return session.reschedule(by, **changes)
    return _reschedule(session, by, scope, cleaned(LiveSession, changes))


def cancel(session: LiveSession, by: Actor, scope: str = Scope.THIS, message: str = "") -> LiveSession:
    """Like `session.cancel`, for the sessions of a scope. Raises also Series.NotInSeries and Series.Over."""
    if scope == Scope.THIS:
        return session.cancel(by, message)
    return _cancel(session, by, scope, cleaned(LiveSession, {"cancel_message": message})["cancel_message"])


@transaction.atomic
def _reschedule(session: LiveSession, by: Actor, scope: str, changes: Changes) -> LiveSession:
    sessions, this = _lock(session)
    if not this.can_be_moved:
        raise REFUSALS[this.status]()
    concerned = _concerned(sessions, this, scope)
    if not concerned:
        raise Series.Over()
    starts = _new_starts(concerned, this, changes)
    moved = ({"start_time": starts[one.pk]} if starts else {} for one in concerned)
    _write(concerned, [_changed(one, changes | start) for one, start in zip(concerned, moved, strict=True)], by)
    return this


@transaction.atomic
def _cancel(session: LiveSession, by: Actor, scope: str, message: str) -> LiveSession:
    sessions, this = _lock(session)
    if this.status in (Status.LIVE, Status.ENDED):
        raise REFUSALS[this.status]()
    concerned = [one for one in _concerned(sessions, this, scope) if one.status == Status.SCHEDULED]
    if concerned:
        now = timezone.now()
        stopped = {"cancelled_at": now, "next_clock_event_at": None, "cancel_message": message, "updated_at": now}
        LiveSession.objects.filter(pk__in=[one.pk for one in concerned]).update(
            **stopped, calendar_sequence=F("calendar_sequence") + 1
        )
        for one in concerned:
            _set(one, stopped | one.sequence_after(stopped))
        record(concerned, by, verb="cancel", from_status=Status.SCHEDULED, old=lambda _: {"cancel_message": ""})
    return this


def _lock(session: LiveSession) -> tuple[list[LiveSession], LiveSession]:
    """All sessions of the series, and this one of them, as they are now."""
    if session.series_id is None:
        raise Series.NotInSeries()
    sessions = LiveSession.objects.lock_of_series(session)
    return sessions, next(one for one in sessions if one.pk == session.pk)


def _concerned(sessions: Sequence[LiveSession], this: LiveSession, scope: str) -> list[LiveSession]:
    to_come = [one for one in sessions if one.status == Status.SCHEDULED and not one.is_moved_by_hand]
    if scope == Scope.ALL:
        return to_come
    later = (one for one in to_come if one is not this and one.start_time >= this.start_time)
    return [this, *later]


def _new_starts(concerned: Sequence[LiveSession], this: LiveSession, changes: Changes) -> dict[str, datetime]:
    """By session, when it starts from now on; empty if that doesn't change. Raises Series.SkippedTime and TooLate."""
    if "start_time" not in changes or this.series is None:
        return {}
    others, series = [one for one in concerned if one is not this], this.series
    try:
        shift = local_time(changes["start_time"], series.zone) - local_time(this.start_time, series.zone)
        times = [local_time(one.start_time, series.zone) for one in others]
        starts = in_utc([(time + shift).replace(fold=time.fold) for time in times], series.zone)
    except OverflowError:
        raise LiveSession.TooLate(OUT_OF_RANGE, [Detail("startTime", "too_late", OUT_OF_RANGE)]) from None
    except SkippedTimes as skipped:
        raise Series.SkippedTime.at(skipped.times, series.time_zone) from None
    return {this.pk: changes["start_time"]} | {one.pk: start for one, start in zip(others, starts, strict=True)}


def _changed(session: LiveSession, changes: Changes) -> Changes:
    """What of the changes is new for this session, and what follows from that."""
    changed = {name: value for name, value in changes.items() if getattr(session, name) != value}
    if not changed:
        return {}
    times = {name: changed.get(name, value) for name, value in session.times.items()}
    times["end_time"] = LiveSession.end_of(times["start_time"], changed.get("duration", session.duration))
    following = next_clock_event(told_status(session), timezone.now(), **times)
    return changed | {"end_time": times["end_time"], "next_clock_event_at": following}


def _write(sessions: Sequence[LiveSession], changes: Sequence[Changes], by: Actor) -> None:
    """Write these changes of each session in one statement, and the events in another."""
    now = timezone.now()
    new = {one.pk: changed | {"updated_at": now} for one, changed in zip(sessions, changes, strict=True) if changed}
    written = [one for one in sessions if one.pk in new]
    former = {one.pk: {name: getattr(one, name) for name in new[one.pk]} for one in written}
    statuses = {one.pk: one.status for one in written}
    for one in written:
        _set(one, new[one.pk] | folded_values(LiveSession, new[one.pk]) | one.sequence_after(new[one.pk]))
    LiveSession.objects.bulk_update(written, WRITTEN)
    for status in sorted(set(statuses.values())):  # one, if this session has not begun
        of_status = [one for one in written if statuses[one.pk] == status]
        record(of_status, by, verb="reschedule", from_status=status, old=lambda one: former[one.pk])


def _set(session: LiveSession, values: Changes) -> None:
    for name, value in values.items():
        setattr(session, name, value)
