"""Permissions to read and to change a live session, which was loaded `with_role_of` the caller."""

from typing import Any

from rest_framework.permissions import BasePermission

from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from sessions.models import LiveSession


def may_change(user: Any, session: LiveSession) -> bool:
    """Whether the user is the session's creator, a teacher of its class, or ADMIN."""
    return session.created_by_id == user.pk or can_manage_class(user, session)


class MayChange(BasePermission):
    who = "the creator of this session, a teacher of its class or an administrator"

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return may_change(request.user, obj)


class MayRead(BasePermission):
    who = "the creator of this session, an approved member of its class or an administrator"

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return obj.my_status == MembershipStatus.APPROVED or may_change(request.user, obj)
