"""Notices by mail about live sessions, which pages and mails call lessons, to the members of their class."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from sessions.calendars.invitations import invitation, lessons_file
from sessions.models import LiveSession
from sessions.notice_lines import Moved, Period, lines_of, lines_of_moved
from tutorarc.domain.clock import parse_datetime
from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.outgoing import CalendarPart
from tutorarc.models import Event, User

SCHEDULED, RESCHEDULED, CANCELLED = "session.scheduled", "session.rescheduled", "session.cancelled"
READ_TOGETHER = 500  # members of a class
TIMES = {"startTime", "duration"}  # the fields whose change moves a lesson


class News(Enum):
    """What there is to tell of a lesson: the heading of a list, and the beginning of a subject."""

    PLANNED = gettext_lazy("New:"), gettext_lazy("New lesson: {title}, {day}")
    MOVED = gettext_lazy("Moved:"), gettext_lazy("Lesson moved: {title}, {day}")
    CANCELLED = gettext_lazy("Cancelled:"), gettext_lazy("Lesson cancelled: {title}, {day}")


class Told(NamedTuple):
    """`before` is when the lesson was to be, before all the changes that are told."""

    session: LiveSession
    news: News
    before: Period


def members_of(events: Sequence[Event]) -> Iterator[tuple[Event, str]]:
    """Each event of a lesson to come with the approved members of its class."""
    ids = {event.session_id for event in events if event.class_id}
    coming = set(LiveSession.objects.filter(pk__in=ids, end_time__gt=timezone.now()).values_list("pk", flat=True))
    for event in events:
        if event.session_id in coming:
            yield from ((event, user_id) for user_id in approved_members(event.class_id))


def approved_members(class_id: str | None, **only: Any) -> Iterator[str]:
    """Read in parts: while a read of SQLite is in progress, its connection can't begin to write."""
    members = Membership.objects.filter(klass=class_id, status=MembershipStatus.APPROVED, **only).order_by("user_id")
    some = members
    while ids := list(some.values_list("user_id", flat=True)[:READ_TOGETHER]):
        yield from ids
        some = members.filter(user_id__gt=ids[-1])


def lessons_letter(user: User, notices: Sequence[Notice]) -> Letter | None:
    """What is still true of lessons to come, in classes in which the person still is."""
    by_session: dict[str, list[Event]] = defaultdict(list)
    for notice in notices:
        if notice.event and notice.event.session_id:
            by_session[notice.event.session_id].append(notice.event)
    found = [
        Told(session, news, _before(session, by_session[session.pk]))
        for session in coming_lessons(user, by_session)
        if (news := _news(session, by_session[session.pk]))
    ]
    return Letter(_subject(found), list(_sections(found)), _calendar(user, found)) if found else None


def coming_lessons(user: User, ids: Iterable[str]) -> Iterator[LiveSession]:
    approved = Membership.objects.filter(user=user, status=MembershipStatus.APPROVED).values("klass")
    sessions = LiveSession.objects.with_role_of(user).filter(
        pk__in=list(ids),
        klass__in=approved,
        klass__status=Class.Status.ACTIVE,
        end_time__gt=timezone.now(),
        ended_at=None,
    )
    return iter(sessions.order_by("start_time", "pk"))


def _news(session: LiveSession, events: Sequence[Event]) -> News | None:
    """Of what happened to a lesson since the last mail, what is new for somebody who knows what was before.

    What happened since the last of these events has a notice of its own, and is left to the mail with that.
    """
    is_known = SCHEDULED not in {event.type for event in events}
    if session.cancelled_at:
        return News.CANCELLED if is_known and events[-1].type == CANCELLED else None
    if not is_known:
        return News.PLANNED
    return News.MOVED if _is_moved(events) and _is_as_told(session, events[-1]) else None


def _is_as_told(session: LiveSession, event: Event) -> bool:
    """Whether the lesson still has the times that it got by this event."""
    start, duration = (event.data[name] for name in ("startTime", "duration"))
    return parse_datetime(start) == session.start_time and duration == session.duration


def _is_moved(events: Sequence[Event]) -> bool:
    """Whether start or duration differ from what they were before all these changes."""
    after = {name: event.changes[name][1] for event in events for name in TIMES & event.changes.keys()}
    return _former_values(events) != after


def _former_values(events: Sequence[Event]) -> dict[str, Any]:
    """Start and duration before all these changes, as far as they were changed."""
    return {name: event.changes[name][0] for event in reversed(events) for name in TIMES & event.changes.keys()}


def _before(session: LiveSession, events: Sequence[Event]) -> Period:
    former = _former_values(events)
    start = datetime.fromisoformat(former["startTime"]) if former.get("startTime") else session.start_time
    return Period(start, start + timedelta(minutes=former.get("duration") or session.duration))


def _subject(found: Sequence[Told]) -> str:
    if len(found) > 1:
        return _subject_of_several(found)
    session, news = found[0].session, found[0].news
    day = date_format(timezone.localtime(session.start_time), "j F")
    return str(news.value[1]).format(title=isolated(session.title), day=day)


def _subject_of_several(found: Sequence[Told]) -> str:
    titles = {told.session.klass.title for told in found if told.session.klass}
    is_new = all(told.news is News.PLANNED for told in found)
    number = len(found)
    if len(titles) == 1:
        sentence = _("{number} new lessons of {title}") if is_new else _("Changes to {number} lessons of {title}")
        return sentence.format(number=number, title=isolated(titles.pop()))
    sentence = _("{number} new lessons") if is_new else _("Changes to {number} lessons")
    return sentence.format(number=number)


def _sections(found: Sequence[Told]) -> Iterator[Section]:
    """A list for each of new, moved and cancelled lessons; with one lesson also a link to it."""
    for news in News:
        if lines := list(_lines([told for told in found if told.news is news], news)):
            yield Section(str(news.value[0]), lines)
    if len(found) == 1:
        yield Section("", link=Link(_("Open the lesson"), reverse("session-detail", args=[found[0].session.pk])))
    else:
        yield Section("", link=Link(_("Your lessons"), reverse("session-list")))


def _lines(found: Sequence[Told], news: News) -> Iterator[str]:
    if news is News.MOVED:
        return lines_of_moved(Moved(told.session, told.before) for told in found)
    return lines_of(told.session for told in found)


def _calendar(user: User, found: Sequence[Told]) -> CalendarPart:
    sessions = [told.session for told in found]
    return invitation(user, sessions[0]) if len(sessions) == 1 else lessons_file(user, sessions)


register(
    NoticeKind(
        name="lessons",
        label=gettext_lazy("Lessons"),
        hint=gettext_lazy("A lesson of one of your classes is new, was moved or was cancelled."),
        why=gettext_lazy("you are in a class with this lesson"),
        compose=lessons_letter,
        event_types=(SCHEDULED, RESCHEDULED, CANCELLED),
        recipients=members_of,
        order=30,
        is_for_whole_classes=True,
    )
)
