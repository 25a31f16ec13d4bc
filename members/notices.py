"""Notices by mail about join requests: to the teachers who answer them, and to the people who are answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.urls import reverse

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.models import Event, User

MAX_NAMES = 10  # of a class

# Join requests


def teachers_of(events: Sequence[Event]) -> Iterator[tuple[Event, str]]:
    """Each event with the active teachers of its class."""
    by_class = defaultdict(list)
    for event in events:
        by_class[event.class_id].append(event)
    teachers = Membership.objects.active_teachers().filter(klass__in=by_class)
    for class_id, user_id in teachers.values_list("klass_id", "user_id"):
        yield from ((event, user_id) for event in by_class[class_id])


def requests_letter(teacher: User, notices: Sequence[Notice]) -> Letter | None:
    """The requests that still wait, by class."""
    asked = {(notice.event.class_id, notice.event.user_id) for notice in notices if notice.event}
    taught = Membership.objects.active_teachers().filter(user=teacher).values("klass")
    waiting = Membership.objects.waiting().filter(klass__in=taught, user__in={user_id for _, user_id in asked})
    by_class: dict[Class, list[str]] = defaultdict(list)
    for member in waiting.select_related("klass", "user"):
        if (member.klass_id, member.user_id) in asked:
            by_class[member.klass].append(isolated(member.user.display_name))
    if not by_class:
        return None
    return Letter(_requests_subject(by_class), [_requests(klass, names) for klass, names in by_class.items()])


def _requests_subject(by_class: dict[Class, list[str]]) -> str:
    names = [name for some in by_class.values() for name in some]
    what = f"{len(by_class)} classes" if len(by_class) > 1 else isolated(next(iter(by_class)).title)
    return f"{names[0]} requests to join {what}" if len(names) == 1 else f"{len(names)} requests to join {what}"


def _requests(klass: Class, names: list[str]) -> Section:
    title = isolated(klass.title)
    link = Link(
        "Answer the requests" if len(names) > 1 else "Answer the request", reverse("member-list", args=[klass.pk])
    )
    if len(names) == 1:
        return Section(f"{names[0]} requests to join {title}.", link=link)
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return Section(f"{len(names)} people request to join {title}:", [*names[:MAX_NAMES], *more], link)


register(
    NoticeKind(
        name="join_requests",
        label="Join requests",
        hint="Somebody requests to join a class that you teach.",
        why="you teach a class",
        compose=requests_letter,
        event_types=("membership.requested",),
        recipients=teachers_of,
        order=10,
        is_for=lambda user: not user.is_student,
    )
)

# Answers

STATUS_AFTER = {
    "membership.approved": MembershipStatus.APPROVED,
    "membership.enrolled": MembershipStatus.APPROVED,
    "membership.rejected": MembershipStatus.REJECTED,
    "membership.removed": MembershipStatus.REMOVED,
}
SENTENCES = {
    "membership.approved": "You have joined {title}.",
    "membership.enrolled": "You were added to {title}.",
    "membership.rejected": "Your request to join {title} was declined.",
    "membership.removed": "You are no longer in {title}.",
}
ASK = "If you don't know why, ask your teacher."


def answered_person(events: Sequence[Event]) -> Iterator[tuple[Event, str]]:
    yield from ((event, event.user_id) for event in events if event.user_id)


def answers_letter(user: User, notices: Sequence[Notice]) -> Letter | None:
    """The last answer of each class, if it still holds."""
    last = {notice.event.class_id: notice.event.type for notice in notices if notice.event}
    members = Membership.objects.filter(user=user, klass__in=last).select_related("klass").order_by("pk")
    news = [
        (member, last[member.klass_id]) for member in members if member.status == STATUS_AFTER[last[member.klass_id]]
    ]
    sections = [_answer(member, event_type) for member, event_type in news]
    if not sections:
        return None
    subject = f"News of {len(sections)} classes" if len(sections) > 1 else sections[0].text.partition(".")[0]
    return Letter(subject, sections)


def _answer(member: Membership, event_type: str) -> Section:
    title = isolated(member.klass.title)
    if event_type == "membership.enrolled" and member.role == ClassRole.TEACHER:
        title += " as a teacher"
    sentence = SENTENCES[event_type].format(title=title)
    if member.status != MembershipStatus.APPROVED:
        return Section(f"{sentence} {ASK}")
    return Section(sentence, link=Link("Open the class", reverse("class-detail", args=[member.klass_id])))


register(
    NoticeKind(
        name="answers",
        label="Your place in a class",
        hint="You were let into a class, your request was declined, or you were removed.",
        why="you requested to join a class, or a teacher added you",
        compose=answers_letter,
        event_types=tuple(STATUS_AFTER),
        recipients=answered_person,
        order=20,
    )
)
