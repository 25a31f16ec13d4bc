"""The students on the attendance list of a live session."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from members.querysets import MembershipQuerySet
from sessions.models import Attendance, LiveSession
from sessions.models.attendance import shown


def students_of(session: LiveSession) -> MembershipQuerySet:
    """Memberships of the students of the session's class, and of others who came or were marked, with their attendance.

    None for a session without a class.
    """
    members = Membership.objects.filter(klass=session.klass) if session.klass else Membership.objects.none()
    theirs = Attendance.objects.filter(session=session, user=OuterRef("user"))
    is_student = Q(role=ClassRole.STUDENT, status=MembershipStatus.APPROVED)
    return members.filter(is_student | Exists(theirs)).annotate(
        attendance_status=Subquery(theirs.values("status")), arrived_at=Subquery(theirs.values("arrived_at"))
    )


def as_shown(session: LiveSession, member: Any) -> dict[str, Any]:
    """The attendance of one of `students_of` as the API shows it."""
    return shown(session, member.user_id, member.attendance_status, member.arrived_at)
