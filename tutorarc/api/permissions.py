"""Permissions by global role, combined as in `IsTeacher | IsAdmin`. Actions without a permission are denied.

`has_permission` checks the global role, `has_object_permission` the class role.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from rest_framework.permissions import BasePermission, OperandHolder

from tutorarc.http.error_reasons import ErrorReason


class Permission(BasePermission):
    """A group of callers. `who` completes the sentence "Only … may do this."."""

    who: ClassVar[str]
    global_role: ClassVar[str] = ""
    reasons: ClassVar[tuple[ErrorReason, ...]] = (ErrorReason.WRONG_ROLE,)  # all possible results of `reason`

    @classmethod
    def reason(cls, obj: Any) -> ErrorReason:  # noqa: ARG003 (subclasses use it)
        """The reason of a refusal. `obj` is None if the global role was refused."""
        return cls.reasons[0]


PermissionClass = type[Permission] | OperandHolder


class DenyAll(Permission):
    who = _("nobody")
    reasons = (ErrorReason.FORBIDDEN,)

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class AllowAny(Permission):
    """Callers with or without a credential; the view checks for one where it needs it."""

    who = _("anybody")
    reasons = ()


class IsAuthenticated(Permission):
    """A caller without a credential is refused before permissions are checked."""

    who = _("any user")
    reasons = ()

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)


class IsStudent(Permission):
    who = _("a student")
    global_role = "STUDENT"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_student


class IsTeacher(Permission):
    who = _("a teacher")
    global_role = "TEACHER"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_teacher


class IsAdmin(Permission):
    who = _("an administrator")
    global_role = "ADMIN"

    def has_permission(self, request: Any, view: Any) -> bool:
        return request.user.is_admin


def operands(permission: Any) -> Iterator[type[Permission]]:
    """The permissions that `|` combines."""
    if isinstance(permission, OperandHolder):
        yield from operands(permission.op1_class)
        yield from operands(permission.op2_class)
    else:
        yield permission


def who_may(permission: PermissionClass) -> str:
    """The callers in words, with the global role of those who have one."""
    return " or ".join(
        f"{one.who} (global role {one.global_role})" if one.global_role else one.who for one in operands(permission)
    )


def refusal(permission: PermissionClass) -> str:
    return f"Only {who_may(permission)} may do this."


def refusal_on_page(permission: PermissionClass) -> str:
    """The refusal in the reader's language, without the names of roles."""
    callers = gettext(" or ").join(gettext(one.who) for one in operands(permission))
    return gettext("Only %(callers)s may do this.") % {"callers": callers}


def refusal_reason(permission: PermissionClass, obj: Any = None) -> ErrorReason:
    """The reason of the first operand; the second is IsAdmin, which the caller can't change."""
    return next(operands(permission)).reason(obj)
