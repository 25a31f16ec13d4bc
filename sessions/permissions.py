"""Permissions to read and to change a live session, which was loaded `with_role_of` the caller."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from classes.permissions import IsApprovedMember, can_manage_class
from classes.roles import MembershipStatus
from sessions import links
from sessions.lookups import session_for
from sessions.models import LiveSession
from tutorarc.api.permissions import Permission
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User


def may_change(user: User, session: LiveSession) -> bool:
    """Whether the user is a teacher of the session's class, the creator of a session without a class, or ADMIN."""
    if session.klass_id is None:
        return user.is_admin or session.created_by_id == user.pk
    return can_manage_class(user, session)


def opens_as_teacher(session: LiveSession, token: str, now: datetime) -> bool:
    """Whether the token of a teacher's link opens the lobby: while its owner is active and may change the session.

    It ends when the class is archived, and 12 hours after the end of the session.
    """
    if not session.is_teachers_token(token) or session.is_class_archived:
        return False
    if session.closed_at and now - links.LIFETIME_AFTER_END >= session.closed_at:
        return False
    owner = User.objects.filter(pk=links.owner_of(token) or session.created_by_id, is_active=True).first()
    return owner is not None and may_change(owner, session_for(owner, session.pk))


class MayChange(Permission):
    who = _("a teacher of this session's class, the creator of a session without a class or an administrator")
    reasons = (ErrorReason.NOT_THE_OWNER, ErrorReason.NOT_A_MEMBER, ErrorReason.WRONG_ROLE)

    @classmethod
    def reason(cls, obj: Any) -> ErrorReason:
        if obj.klass_id is None:
            return ErrorReason.NOT_THE_OWNER
        is_member = obj.my_status == MembershipStatus.APPROVED
        return ErrorReason.WRONG_ROLE if is_member else ErrorReason.NOT_A_MEMBER

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return may_change(signed_in_user(request), obj)


class MayRead(Permission):
    who = _("an approved member of this session's class, the creator of a session without a class or an administrator")
    reasons = (ErrorReason.NOT_THE_OWNER, ErrorReason.NOT_A_MEMBER)

    @classmethod
    def reason(cls, obj: Any) -> ErrorReason:
        return ErrorReason.NOT_THE_OWNER if obj.klass_id is None else ErrorReason.NOT_A_MEMBER

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return obj.my_status == MembershipStatus.APPROVED or may_change(signed_in_user(request), obj)


class IsMember(IsApprovedMember):
    who = _("an approved member of this session's class")


class MayReadSeries(MayRead):
    who = "an approved member of this series' class, the creator of a series without a class or an administrator"
