"""Notices by mail about join requests: to the teachers who answer them, and to the people who are answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
    number = len(names)
    if len(by_class) > 1:
        return _("{number} requests to join {classes} classes").format(number=number, classes=len(by_class))
    sentence = ngettext("{name} requests to join {title}", "{number} requests to join {title}", number)
    return sentence.format(name=names[0], number=number, title=isolated(next(iter(by_class)).title))


def _requests(klass: Class, names: list[str]) -> Section:
    title = isolated(klass.title)
    number, rest = len(names), len(names) - MAX_NAMES
    words = ngettext("Answer the request", "Answer the requests", number)
    link = Link(words, reverse("member-list", args=[klass.pk]))
    sentence = ngettext("{name} requests to join {title}.", "{number} people request to join {title}:", number)
    text = sentence.format(name=names[0], number=number, title=title)
    more = [ngettext("and {number} more", "and {number} more", rest).format(number=rest)] if rest > 0 else []
    return Section(text, [*names[:MAX_NAMES], *more] if number > 1 else [], link)


register(
    NoticeKind(
        name="join_requests",
        label=gettext_lazy("Join requests"),
        hint=gettext_lazy("Somebody requests to join a class that you teach."),
        why=gettext_lazy("you teach a class"),
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
    "membership.approved": gettext_lazy("You have joined {title}."),
    "membership.enrolled": gettext_lazy("You were added to {title}."),
    "membership.rejected": gettext_lazy("Your request to join {title} was declined."),
    "membership.removed": gettext_lazy("You are no longer in {title}."),
}
ADDED_AS_TEACHER = gettext_lazy("You were added to {title} as a teacher.")
ASK = gettext_lazy("If you don't know why, ask your teacher.")


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
    if len(sections) > 1:
        return Letter(_("News of {number} classes").format(number=len(sections)), sections)
    return Letter(sections[0].text.partition(".")[0], sections)


def _answer(member: Membership, event_type: str) -> Section:
    is_added_as_teacher = event_type == "membership.enrolled" and member.role == ClassRole.TEACHER
    words = ADDED_AS_TEACHER if is_added_as_teacher else SENTENCES[event_type]
    sentence = str(words).format(title=isolated(member.klass.title))
    if member.status != MembershipStatus.APPROVED:
        return Section(f"{sentence} {ASK}")
    return Section(sentence, link=Link(_("Open the class"), reverse("class-detail", args=[member.klass_id])))


register(
    NoticeKind(
        name="answers",
        label=gettext_lazy("Your place in a class"),
        hint=gettext_lazy("You were let into a class, your request was declined, or you were removed."),
        why=gettext_lazy("you requested to join a class, or a teacher added you"),
        compose=answers_letter,
        event_types=tuple(STATUS_AFTER),
        recipients=answered_person,
        order=20,
    )
)
