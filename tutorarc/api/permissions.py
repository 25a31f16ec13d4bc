"""Permissions by global role, combined as in `IsTeacher | IsAdmin`. Actions without a permission are denied.

`has_permission` checks the global role, `has_object_permission` the class role. `who` completes the message
"Only … may do this.".
"""

from typing import Any

from rest_framework.permissions import BasePermission, OperandHolder


class DenyAll(BasePermission):
    who = "nobody"

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class AllowAny(BasePermission):
    """Also without a credential; the view checks for one where it needs it."""

    who = "anybody"


class IsAuthenticated(BasePermission):
    who = "any user"

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)


class IsStudent(BasePermission):
    who = "a student (global role STUDENT)"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_student


class IsTeacher(BasePermission):
    who = "a teacher (global role TEACHER)"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_teacher


class IsAdmin(BasePermission):
    who = "an administrator (global role ADMIN)"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_admin


def refusal(permission: Any) -> str:
    return f"Only {who_may(permission)} may do this."


def who_may(permission: Any) -> str:
    if isinstance(permission, OperandHolder):
        return f"{who_may(permission.op1_class)} or {who_may(permission.op2_class)}"
    return permission.who
