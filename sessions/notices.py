"""Notices by mail about live sessions, which pages and mails call lessons, to the members of their class."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.times import in_words
from tutorarc.models import Event, User

SCHEDULED, RESCHEDULED, CANCELLED = "session.scheduled", "session.rescheduled", "session.cancelled"
READ_TOGETHER = 500  # members of a class
TIMES = {"startTime", "duration"}  # the fields whose change moves a lesson


class News(StrEnum):
    """What there is to tell of a lesson, as the heading of a list."""

    PLANNED = "New"
    MOVED = "Moved"
    CANCELLED = "Cancelled"


class Told(NamedTuple):
    session: LiveSession
    news: News


def members_of(events: Sequence[Event]) -> Iterator[tuple[Event, str]]:
    """Each event of a lesson to come with the approved members of its class."""
    ids = {event.session_id for event in events if event.class_id}
    coming = set(LiveSession.objects.filter(pk__in=ids, end_time__gt=timezone.now()).values_list("pk", flat=True))
    for event in events:
        if event.session_id in coming:
            yield from ((event, user_id) for user_id in _approved(event.class_id))


def _approved(class_id: str | None) -> Iterator[str]:
    """Read in parts: while a read of SQLite is in progress, its connection can't begin to write."""
    members = Membership.objects.filter(klass=class_id, status=MembershipStatus.APPROVED).order_by("user_id")
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
    found = [Told(session, news) for session in _coming(user, by_session) if (news := _news(session, by_session))]
    return Letter(_subject(found), list(_sections(found))) if found else None


def _coming(user: User, ids: Sequence[str] | dict[str, list[Event]]) -> Iterator[LiveSession]:
    approved = Membership.objects.filter(user=user, status=MembershipStatus.APPROVED).values("klass")
    sessions = LiveSession.objects.with_class().filter(
        pk__in=list(ids),
        klass__in=approved,
        klass__status=Class.Status.ACTIVE,
        end_time__gt=timezone.now(),
        ended_at=None,
    )
    return iter(sessions.order_by("start_time", "pk"))


def _news(session: LiveSession, by_session: dict[str, list[Event]]) -> News | None:
    """Of what happened to a lesson since the last mail, what is new for somebody who knows what was before."""
    events = by_session[session.pk]
    is_known = SCHEDULED not in {event.type for event in events}
    if session.cancelled_at:
        return News.CANCELLED if is_known else None
    if not is_known:
        return News.PLANNED
    return News.MOVED if _is_moved(events) else None


def _is_moved(events: Sequence[Event]) -> bool:
    """Whether start or duration differ from what they were before all these changes."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for event in events:
        for name in TIMES & event.changes.keys():
            old, new = event.changes[name]
            before.setdefault(name, old)
            after[name] = new
    return before != after


def _subject(found: Sequence[Told]) -> str:
    if len(found) > 1:
        titles = {told.session.klass.title for told in found if told.session.klass}
        of = f" of {isolated(titles.pop())}" if len(titles) == 1 else ""
        is_new = all(told.news is News.PLANNED for told in found)
        return f"{len(found)} new lessons{of}" if is_new else f"Changes to {len(found)} lessons{of}"
    [(session, news)] = found
    words = {News.PLANNED: "New lesson", News.MOVED: "Lesson moved", News.CANCELLED: "Lesson cancelled"}
    return f"{words[news]}: {isolated(session.title)}, {timezone.localtime(session.start_time):%-d %B}"


def _sections(found: Sequence[Told]) -> Iterator[Section]:
    """A list for each of new, moved and cancelled lessons; with one lesson also a link to it."""
    for news in News:
        if lines := [_line(told.session) for told in found if told.news is news]:
            yield Section(f"{news}:", lines)
    if len(found) == 1:
        yield Section("", link=Link("Open the lesson", reverse("session-detail", args=[found[0].session.pk])))
    else:
        yield Section("", link=Link("Your lessons", reverse("session-list")))


def _line(session: LiveSession) -> str:
    klass = f" ({isolated(session.klass.title)})" if session.klass else ""
    return f"{isolated(session.title)}{klass}: {in_words(session.start_time, session.end_time)}"


register(
    NoticeKind(
        name="lessons",
        label="Lessons",
        hint="A lesson of one of your classes is new, was moved or was cancelled.",
        why="you are in a class with this lesson",
        compose=lessons_letter,
        event_types=(SCHEDULED, RESCHEDULED, CANCELLED),
        recipients=members_of,
        order=30,
        is_for_whole_classes=True,
    )
)
