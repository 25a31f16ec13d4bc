"""Permissions by class role. The object is a Class loaded `with_role_of` the caller (`my_role`, `my_status`)."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from classes.roles import ClassRole, MembershipStatus


class IsApprovedMember(BasePermission):
    who = "an approved member of this class"

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return obj.my_status == MembershipStatus.APPROVED


class IsClassTeacher(IsApprovedMember):
    who = "a teacher of this class"

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return super().has_object_permission(request, view, obj) and obj.my_role == ClassRole.TEACHER


class IsOnRecord(BasePermission):
    """Any membership status, so that students can look up their own request."""

    who = "someone with a membership record in this class"

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return obj.my_status is not None


def can_manage_class(user: Any, subject: Any) -> bool:
    """Whether the user is a teacher of the class or ADMIN. `subject` was loaded `with_role_of` the user."""
    approved = getattr(subject, "my_status", None) == MembershipStatus.APPROVED
    return user.is_admin or (approved and subject.my_role == ClassRole.TEACHER)
