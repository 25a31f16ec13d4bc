"""Reminders by mail before a lesson begins, to the members of its class.

A lesson of a class has a job, due when its reminder is. When the lesson is moved it gets another one, and the job with
the former start does nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.models import LiveSession
from sessions.notices import RESCHEDULED, SCHEDULED, approved_members, coming_lessons, line_of
from tutorarc.domain.clock import datetime_text, parse_datetime
from tutorarc.jobs.consumers import event_consumer
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices, in_parts
from tutorarc.mail.outgoing import LEASE, RETRIES, sends_mail
from tutorarc.mail.times import in_words
from tutorarc.models import Event, User

KIND = "reminders"
BEFORE = timedelta(hours=24)


@event_consumer("reminders")
def plan_reminders(events: Sequence[Event]) -> None:
    """A job for each lesson that is planned or moved, unless its reminder would be due already: it was just told."""
    starts = {event.session_id: _start_of(event) for event in events if _has_new_start(event)}
    now = timezone.now()
    planned = {session_id: start for session_id, start in starts.items() if start > now + BEFORE}
    if planned and sends_mail():
        payloads = [{"session": session_id, "start": datetime_text(start)} for session_id, start in planned.items()]
        Job.objects.enqueue_all("remind", payloads, due_at=[start - BEFORE for start in planned.values()])


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
    for some in in_parts(_notices(session, payload) if session else ()):
        add_notices(some)


def _notices(session: LiveSession, details: Payload) -> Iterator[Notice]:
    about = _reminder_of(details)
    for user_id in approved_members(session.klass_id):
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
        hint=gettext_lazy("A lesson of one of your classes begins in a day."),
        why=gettext_lazy("you are in a class with this lesson"),
        compose=compose,
        order=35,
        is_for_whole_classes=True,
    )
)
