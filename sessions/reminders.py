"""Reminders by mail before a lesson begins, to the members of its class.

A lesson of a class that begins in the next days has a job, due at the next of the times at which people may want their
reminder: it adds the job of the time after that. When the lesson is moved it gets another job, and the one with the
former start does nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from sessions.models import LiveSession
from sessions.notice_lines import line_of
from sessions.notices import RESCHEDULED, SCHEDULED, approved_members, coming_lessons
from tutorarc.domain.clock import datetime_text, parse_datetime
from tutorarc.http.reader_zone import zone_named
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
AHEAD = timedelta(days=4)  # twice the longest reminder, so workers may be stopped for a day
TOGETHER = 500
SAME_DAY_FROM = 24  # hours before a lesson


@event_consumer("reminders")
def plan_reminders(events: Sequence[Event]) -> None:
    """A job for each lesson that is planned or moved. Reminders that would be due already are left out."""
    starts = {event.session_id: _start_of(event) for event in events if _has_new_start(event)}
    if sends_mail():
        _add_jobs(_next_reminders(starts.items()))


@periodic("sessions.plan_reminders", every=timedelta(hours=6))
def plan_coming_reminders(_payload: Payload) -> None:
    """A job for each lesson that begins within `AHEAD` and has none, also if a version without reminders planned it."""
    now = timezone.now()
    near = _coming().filter(start_time__lte=now + AHEAD).order_by("start_time")
    starts = list(near.values_list("pk", "start_time")) if sends_mail() else []
    for first in range(0, len(starts), TOGETHER):
        payloads = _next_reminders(starts[first : first + TOGETHER])
        there = set(Job.objects.filter(key__in=map(_key, payloads)).values_list("key", flat=True))
        _add_jobs([payload for payload in payloads if _key(payload) not in there])


def _coming() -> QuerySet[LiveSession]:
    """Lessons of active classes that have not begun and were neither cancelled nor ended."""
    sessions = LiveSession.objects.not_cancelled().filter(ended_at=None, start_time__gt=timezone.now())
    return sessions.filter(klass__status=Class.Status.ACTIVE)


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
    session = _coming().filter(pk=payload["session"], start_time=payload["start"]).first()
    if session is None:
        return
    for some in in_parts(_notices(session, payload)):
        add_notices([*some, *_of_the_same_day(session, some)])
    later = [hours for hours in REMINDER_HOURS if hours < payload["hours"]]
    _add_jobs([payload | {"hours": hours} for hours in later[:1]])


def _notices(session: LiveSession, details: Payload) -> Iterator[Notice]:
    choices = _choices(session, details["hours"])
    for user_id in approved_members(session.klass_id, user__reminder_hours__in=choices):
        yield _notice(user_id, details)


def _choices(session: LiveSession, hours: int) -> list[int]:
    """The choices of the people who are reminded now: these hours, and longer ones that applied to this lesson.

    Nearly all people with the longer ones were reminded then, but not those who joined or chose them afterwards.
    """
    earlier = [each for each in REMINDER_HOURS if each > hours]
    return [hours, *(each for each in earlier if session.updated_at < session.start_time - timedelta(hours=each))]


def _of_the_same_day(session: LiveSession, notices: Sequence[Notice]) -> Iterator[Notice]:
    """Notices of the later lessons of that day, so that somebody with many lessons gets one mail.

    People who choose fewer hours than a day get a reminder of each lesson at its time.
    """
    told = [notice for notice in notices if notice.details["hours"] >= SAME_DAY_FROM]
    for user_id, time_zone, session_id, start in _lessons_after(session, [notice.user_id for notice in told]):
        zone = zone_named(time_zone)
        if start.astimezone(zone).date() == session.start_time.astimezone(zone).date():
            yield _notice(user_id, {"session": session_id, "start": datetime_text(start), "hours": SAME_DAY_FROM})


def _lessons_after(session: LiveSession, people: Sequence[str]) -> QuerySet[Membership, tuple[str, str, str, datetime]]:
    """Person, time zone, lesson and start, for each lesson of an active class within a day after this one."""
    places = Membership.objects.filter(user__in=people, status=MembershipStatus.APPROVED)
    return places.filter(
        klass__status=Class.Status.ACTIVE,
        klass__live_sessions__start_time__gt=session.start_time,
        klass__live_sessions__start_time__lt=session.start_time + timedelta(days=1),
        klass__live_sessions__cancelled_at=None,
        klass__live_sessions__ended_at=None,
    ).values_list("user_id", "user__time_zone", "klass__live_sessions__pk", "klass__live_sessions__start_time")


def _notice(user_id: str, details: Payload) -> Notice:
    return Notice(user_id=user_id, kind=KIND, about=_reminder_of(details), details=details)


def _reminder_of(details: Payload) -> UUID:
    """An id that follows from lesson and start, so that nobody is reminded of the same start twice."""
    return uuid5(NAMESPACE_OID, f"reminder {details['session']} {details['start']}")


def compose(user: User, notices: Sequence[Notice]) -> Letter | None:
    """The mail about the lessons that still begin at the reminded time and have not begun. None without any."""
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
        return _subject_of_several(found)
    when = in_words(found[0].start_time, found[0].end_time)
    return _("Reminder: {title}, {when}").format(title=isolated(found[0].title), when=when)


def _subject_of_several(found: Sequence[LiveSession]) -> str:
    days = {date_format(timezone.localtime(session.start_time), "l, j F") for session in found}
    sentence = _("Reminder of {number} lessons, {day}") if len(days) == 1 else _("Reminder of {number} lessons")
    return sentence.format(number=len(found), day=days.pop())


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
