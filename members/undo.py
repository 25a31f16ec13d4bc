"""Undo of changes of memberships, by the verbs of the API in its order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.models import Membership
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.undo import CHANGED_AGAIN, Change, NotUndone, Undo, undoes
from tutorarc.models.event import changed_since

JUST_NOW = timedelta(seconds=10)
IS_BACK = _("{} is back in the class.")
IS_STUDENT, IS_TEACHER = _("{} is a student of this class again."), _("{} is a teacher of this class again.")


def undo_of(page: HtmlPage, kind: str, members: Sequence[dict[str, Any]], back: str) -> Undo:
    """The way back from a change of these memberships, as the API shows them."""
    people = [member["user_id"] for member in members]
    about = {"klass": members[0]["class_id"], "people": people, "role": members[0]["role"]}
    return Undo(kind, by=page.user, back=back, **about)


def was_changed_just_now(class_id: str, user_id: str) -> bool:
    """Whether a role was changed at all: giving the same role again changes nothing, and has nothing to undo."""
    member = Membership.objects.get(klass=class_id, user=user_id)
    return changed_since(timezone.now() - JUST_NOW, [UUID(int=member.pk)])


@undoes("membership.removed")
def let_back_in(change: Change) -> str:
    """Into the class at once: the contract's way from REMOVED is PENDING, then APPROVED."""
    verbs = Membership.objects.reopen, Membership.objects.approve
    [member] = _undone(change, verbs, lambda member: member.status == Status.APPROVED)
    return _sentence(IS_BACK, member)


@undoes("membership.rejected")
def back_to_requests(change: Change) -> str:
    members = _undone(change, [Membership.objects.reopen], lambda member: member.status == Status.PENDING)
    count = len(members)
    return ngettext("%(count)s request is back.", "%(count)s requests are back.", count) % {"count": count}


@undoes("membership.role_changed")
def former_role(change: Change) -> str:
    is_teacher = change.about["role"] == ClassRole.TEACHER
    former = ClassRole.STUDENT if is_teacher else ClassRole.TEACHER
    [member] = _undone(change, [_to(former)], lambda member: member.role == former)
    return _sentence(IS_STUDENT if is_teacher else IS_TEACHER, member)


def _to(role: str) -> Any:
    def change_role(klass: Class, people: Sequence[str], by: Any) -> list[Membership]:
        return [Membership.objects.change_role(klass, user_id, role, by) for user_id in people]

    return change_role


@transaction.atomic
def _undone(change: Change, verbs: Sequence[Any], is_done: Any) -> list[Membership]:
    """Call the verbs one after the other. Raises PermissionDenied, NotUndone, Class.Archived and what the verbs raise.

    A second click changes nothing, and is answered like the first.
    """
    klass = _managed_class(change)
    people = change.about["people"]
    Class.objects.lock_active(klass.pk)
    members = list(Membership.objects.of(klass, people).select_related("user"))
    if changed_since(change.at, [UUID(int=member.pk) for member in members]):
        if not all(map(is_done, members)):
            raise NotUndone(CHANGED_AGAIN)
        return members
    for verb in verbs:
        verb(klass, people, change.actor)
    return members


def _managed_class(change: Change) -> Class:
    """Raises PermissionDenied."""
    user = change.actor.person
    klass = Class.objects.with_role_of(user).get(pk=change.about["klass"])
    if not can_manage_class(user, klass):
        raise PermissionDenied
    return klass


def _sentence(words: str | Promise, member: Membership) -> str:
    return format_html(str(words), format_html("<bdi>{}</bdi>", member.user.display_name))
