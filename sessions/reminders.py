"""Reminders by mail before a lesson begins, to the members of its class.

A lesson of a class that begins in the next days has a job, due at the next of the times at which people may want their
reminder: it adds the job of the time after that. When the lesson is moved it gets another job, and the one with the
former start does nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.models import LiveSession
from sessions.notice_lines import line_of
from sessions.notices import RESCHEDULED, SCHEDULED, approved_members, coming_lessons
from tutorarc.domain.clock import datetime_text, parse_datetime
from tutorarc.jobs.consumers import event_consumer
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job, periodic
from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices, in_parts
from tutorarc.mail.outgoing import LEASE, RETRIES, sends_mail
from tutorarc.mail.times import in_words
from tutorarc.models import Event, User
from tutorarc.models.preferences import REMINDER_HOURS

KIND = "reminders"


AHEAD = timedelta(days=4)  # twice as long as the longest reminder: so workers may be stopped for a day
TOGETHER = 500


@event_consumer("reminders")
def plan_reminders(events: Sequence[Event]) -> None:
    """A job for each lesson that is planned or moved. Reminders that would be due already are left out: it was told."""
    starts = {event.session_id: _start_of(event) for event in events if _has_new_start(event)}
    if sends_mail():
        _add_jobs(_next_reminders(starts.items()))


@periodic("sessions.plan_reminders", every=timedelta(hours=6))
def plan_coming_reminders(_payload: Payload) -> None:
    """A job for each lesson that has come near and has none, also if a version without reminders planned it."""
    now = timezone.now()
    coming = LiveSession.objects.not_cancelled().filter(
        klass__isnull=False, ended_at=None, start_time__gt=now, start_time__lte=now + AHEAD
    )
    starts = list(coming.order_by("start_time").values_list("pk", "start_time")) if sends_mail() else []
    for first in range(0, len(starts), TOGETHER):
        payloads = _next_reminders(starts[first : first + TOGETHER])
        there = set(Job.objects.filter(key__in=map(_key, payloads)).values_list("key", flat=True))
        _add_jobs([payload for payload in payloads if _key(payload) not in there])


def _next_reminders(starts: Iterable[tuple[str | None, datetime]]) -> list[Payload]:
    """The next reminder of each lesson that begins in the next days, if there is one."""
    now = timezone.now()
    return [
        {"session": session_id, "start": datetime_text(start), "hours": hours}
        for session_id, start in starts
        if start <= now + AHEAD and (hours := _next_hours(start, now))
    ]


def _next_hours(start: datetime, now: datetime) -> int:
    """How many hours before the start the next reminders are due; 0 if there are none."""
    return next((hours for hours in REMINDER_HOURS if start - now > timedelta(hours=hours)), 0)


def _add_jobs(payloads: Sequence[Payload]) -> None:
    if payloads:
        due_at = [parse_datetime(each["start"]) - timedelta(hours=each["hours"]) for each in payloads]
        Job.objects.enqueue_all("remind", payloads, keys=list(map(_key, payloads)), due_at=due_at)


def _key(payload: Payload) -> str:
    return f"remind {payload['session']} {payload['start']} {payload['hours']}"


def _has_new_start(event: Event) -> bool:
    is_moved = event.type == RESCHEDULED and "startTime" in event.changes
    return bool(event.class_id) and (event.type == SCHEDULED or is_moved)


def _start_of(event: Event) -> datetime:
    return parse_datetime(event.data["startTime"])


@job("remind", retries=RETRIES, lease=LEASE, kept=False)
def remind(payload: Payload) -> None:
    """Write the notices of a lesson, unless it was moved or has begun. It can be repeated: each is written once."""
    sessions = LiveSession.objects.not_cancelled().filter(pk=payload["session"], start_time=payload["start"])
    session = sessions.filter(start_time__gt=timezone.now(), ended_at=None).first()
    if session is None:
        return
    for some in in_parts(_notices(session, payload)):
        add_notices(some)
    later = [hours for hours in REMINDER_HOURS if hours < payload["hours"]]
    _add_jobs([payload | {"hours": hours} for hours in later[:1]])


def _notices(session: LiveSession, details: Payload) -> Iterator[Notice]:
    about = _reminder_of(details)
    for user_id in approved_members(session.klass_id, user__reminder_hours=details["hours"]):
        yield Notice(user_id=user_id, kind=KIND, about=about, details=details)


def _reminder_of(details: Payload) -> UUID:
    """The same for the same start, so that nobody is reminded of it twice."""
    return uuid5(NAMESPACE_OID, f"reminder {details['session']} {details['start']}")


def compose(user: User, notices: Sequence[Notice]) -> Letter | None:
    """Of those that still begin then, and not yet."""
    starts = {notice.details["session"]: parse_datetime(notice.details["start"]) for notice in notices}
    found = [session for session in coming_lessons(user, starts) if _is_true(session, starts[session.pk])]
    if not found:
        return None
    lines = [line_of(session) for session in found]
    return Letter(_subject(found), [Section(_("Soon:"), lines), Section("", link=_link(found))])


def _is_true(session: LiveSession, start: datetime) -> bool:
    return session.start_time == start > timezone.now() and session.cancelled_at is None


def _subject(found: Sequence[LiveSession]) -> str:
    if len(found) > 1:
        return _("Reminder of {number} lessons").format(number=len(found))
    when = in_words(found[0].start_time, found[0].end_time)
    return _("Reminder: {title}, {when}").format(title=isolated(found[0].title), when=when)


def _link(found: Sequence[LiveSession]) -> Link:
    if len(found) > 1:
        return Link(_("Your lessons"), reverse("session-list"))
    return Link(_("Open the lesson"), reverse("session-detail", args=[found[0].pk]))


register(
    NoticeKind(
        name=KIND,
        label=gettext_lazy("Reminders"),
        hint=gettext_lazy("A lesson of one of your classes begins soon."),
        why=gettext_lazy("you are in a class with this lesson"),
        compose=compose,
        order=35,
        is_for_whole_classes=True,
    )
)
