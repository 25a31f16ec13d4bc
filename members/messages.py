"""Sentences of the People tab about what was done, and about what could not be done."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from classes.models import Class
from classes.roles import MembershipStatus as Status
from members.models import Membership

NAMED = 3  # people in a sentence; others are counted
IS_TEACHER, IS_STUDENT = _("{} is a teacher of this class now."), _("{} is a student of this class now.")
DONE: dict[str, Any] = {  # by action
    "approve": ngettext_lazy("%(names)s is in the class now.", "%(names)s are in the class now.", "count"),
    "reject": ngettext_lazy(
        "The request of %(names)s was declined.", "The requests of %(names)s were declined.", "count"
    ),
    "reopen": ngettext_lazy("The request of %(names)s is back.", "The requests of %(names)s are back.", "count"),
    "create": ngettext_lazy("%(names)s is in the class now.", "%(names)s are in the class now.", "count"),
    "remove": ngettext_lazy("%(names)s was removed.", "%(names)s were removed.", "count"),
}
NOT_DONE: dict[str, Any] = {  # by the status that forbids it
    Status.APPROVED: ngettext_lazy(
        "%(names)s is already in the class.", "%(names)s are already in the class.", "count"
    ),
    Status.REJECTED: ngettext_lazy("%(names)s was already declined.", "%(names)s were already declined.", "count"),
    Status.REMOVED: ngettext_lazy(
        "%(names)s is no longer in the class.", "%(names)s are no longer in the class.", "count"
    ),
    Status.PENDING: ngettext_lazy(
        "%(names)s has a student account, and can’t be a teacher of a class.",
        "%(names)s have student accounts, and can’t be teachers of a class.",
        "count",
    ),
}
NO_SEAT = ngettext_lazy(
    "There is no free seat for %(names)s.",
    "There are no free seats for %(names)s.",
    "count",
)
# What a refusal of the API means on the page, by its reason.
REFUSALS: dict[str, Any] = {
    Membership.NotInState.reason: _("Nothing was changed."),
    Membership.UnknownPerson.reason: _("No account uses this address. Invite the person instead."),
    Membership.InviteInstead.reason: _("You can add people from your other classes only. Invite everybody else."),
    Membership.StudentCannotTeach.reason: _(
        "This person has a student account, and can’t be a teacher of a class. An administrator can change that."
    ),
    Membership.AlreadyOnRecord.reason: _("This person is already in the class."),
    Membership.NotApproved.reason: _("This person is no longer in the class."),
    Membership.LastTeacher.reason: _("A class needs a teacher. Make somebody else a teacher first."),
    Class.Archived.reason: _("This class is archived. Restore it to change something."),
    Class.Full.reason: _(
        "Nothing was changed: the class doesn’t have enough free seats. Choose fewer people, or change the number of "
        "seats in the settings."
    ),
}


def sentence_of_done(action: str, names: Sequence[str], count: int) -> SafeString:
    return _sentence(DONE[action], names, count)


def sentence_of_not_done(status: str, names: Sequence[str]) -> SafeString:
    """Why nothing was done about people: their status, or for PENDING that they have student accounts."""
    return _sentence(NOT_DONE[status], names, len(names))


def sentence_of_no_seat(names: Sequence[str]) -> SafeString:
    return _sentence(NO_SEAT, names, len(names))


def sentence_of_role(name: str, *, is_teacher: bool) -> SafeString:
    return format_html(str(IS_TEACHER if is_teacher else IS_STUDENT), _isolated(name))


def sentences_of_left_out(klass: Class, user_ids: Sequence[str]) -> list[str]:
    """Why nothing was done about these people, with the names of those who have a record in the class."""
    by_status: dict[str, list[Membership]] = defaultdict(list)
    for member in Membership.objects.of(klass, user_ids).select_related("user").order_by("folded_name"):
        by_status[member.status].append(member)
    known = sum(map(len, by_status.values()))
    sentences: list[str] = [
        _sentence(NOT_DONE[status], [one.user.display_name for one in members], len(members))
        for status, members in by_status.items()
    ]
    return sentences + ([_gone(len(user_ids) - known)] if known < len(user_ids) else [])


def _gone(count: int) -> str:
    return ngettext(
        "%(count)s request was withdrawn meanwhile.", "%(count)s requests were withdrawn meanwhile.", count
    ) % {"count": count}


def _sentence(words: Any, names: Sequence[str], count: int) -> SafeString:
    return format_html(words % {"count": count, "names": "{}"}, _listed(names, count))


def _listed(names: Sequence[str], count: int) -> SafeString:
    """`Amy, Ben and Cleo`, or `Amy, Ben, Cleo and 4 others`."""
    shown: list[Any] = [_isolated(name) for name in names[:NAMED]]
    if others := count - len(shown):
        shown.append(ngettext("%(count)s other", "%(count)s others", others) % {"count": others})
    return shown[0] if len(shown) == 1 else format_html(str(_("{} and {}")), _joined(shown[:-1]), shown[-1])


def _joined(parts: Iterable[Any]) -> SafeString:
    return format_html_join(", ", "{}", ([part] for part in parts))


def _isolated(name: str) -> SafeString:
    return format_html('<bdi dir="auto">{}</bdi>', name)
