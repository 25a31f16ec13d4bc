"""Permissions by class role. The object is a Class loaded `with_role_of` the caller (`my_role`, `my_status`)."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _
from rest_framework.request import Request

from classes.roles import ClassRole, MembershipStatus, WithRole
from tutorarc.api.permissions import Permission
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import User


class IsApprovedMember(Permission):
    who = _("an approved member of this class")
    reasons: ClassVar[tuple[ErrorReason, ...]] = (ErrorReason.NOT_A_MEMBER,)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return obj.my_status == MembershipStatus.APPROVED


class IsClassTeacher(IsApprovedMember):
    who = _("a teacher of this class")
    reasons = (ErrorReason.NOT_A_MEMBER, ErrorReason.WRONG_ROLE)

    @classmethod
    def reason(cls, obj: Any) -> ErrorReason:
        is_member = obj.my_status == MembershipStatus.APPROVED
        return ErrorReason.WRONG_ROLE if is_member else ErrorReason.NOT_A_MEMBER

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return super().has_object_permission(request, view, obj) and obj.my_role == ClassRole.TEACHER


class IsOnRecord(Permission):
    """Any membership status, so that students can look up their own request."""

    who = _("someone with a membership record in this class")
    reasons = (ErrorReason.NOT_A_MEMBER,)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return obj.my_status is not None


def can_manage_class(user: User, obj: WithRole | None) -> bool:
    """Whether the user is a teacher of the class or ADMIN. `obj` was loaded `with_role_of` the user."""
    if user.is_admin or obj is None:
        return user.is_admin
    return obj.my_status == MembershipStatus.APPROVED and obj.my_role == ClassRole.TEACHER


def may_see_code(user: User, obj: WithRole) -> bool:
    """Whether the user is an approved member of the class or ADMIN. `obj` was loaded `with_role_of` the user."""
    return user.is_admin or obj.my_status == MembershipStatus.APPROVED


def roles_in(user: User, class_ids: Collection[str | None]) -> dict[str | None, str]:
    """The user's role in each of these classes where they are an approved member."""
    known = [class_id for class_id in class_ids if class_id]
    if not known:
        return {}
    approved = user.memberships.filter(klass__in=known, status=MembershipStatus.APPROVED)
    return dict(approved.values_list("klass_id", "role"))
