"""What pages about lessons say of attendance."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from classes.roles import MembershipStatus
from sessions.attendance.labels import LABELS
from sessions.attendance.page import list_of
from sessions.models import Attendance, AttendanceStatus, LiveSession
from sessions.models.attendance import EARLY, shown
from sessions.permissions import may_change
from tutorarc.models import User

CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
MOST_NAMED = 10  # of those who came


def attendance_context(user: User, session: LiveSession) -> dict[str, Any]:
    """For teachers, who came, and the way to the list, from shortly before the start. For students, their own.

    Empty for a session without a class and for one that is cancelled.
    """
    if session.klass_id is None or session.cancelled_at or timezone.now() + EARLY < session.start_time:
        return {}
    theirs = Attendance.objects.filter(session=session)
    if may_change(user, session):
        return {"attendance": _who_came(session)}
    if session.my_status != MembershipStatus.APPROVED:
        return {}
    own = theirs.filter(user=user).first()
    return {"own_attendance": own and shown(session, user.pk, own.status, own.arrived_at)}


def _who_came(session: LiveSession) -> dict[str, Any]:
    """How many students, the names of some, and how many more there are."""
    theirs = Attendance.objects.filter(session=session, status__in=CAME)
    names = list(theirs.order_by("user__folded_name", "pk").values_list("user__display_name", flat=True)[:MOST_NAMED])
    came = theirs.count() if len(names) == MOST_NAMED else len(names)
    return {"address": list_of(session), "came": came, "names": names, "more": came - len(names)}


def attendance_of(user: User, sessions: Sequence[LiveSession]) -> dict[str, dict[str, Any]]:
    """By session, for a list of them: how many `came`, if the user teaches it, or else the user's own `status`.

    In one statement for each of the two. The sessions were loaded `with_role_of` the user.
    """
    taught = {session.pk for session in sessions if session.klass_id and may_change(user, session)}
    attended = {session.pk for session in sessions if session.my_status == MembershipStatus.APPROVED} - taught
    found: dict[str, dict[str, Any]] = {}
    if taught:
        counts = Attendance.objects.filter(session__in=taught, status__in=CAME).values_list("session_id")
        found |= {pk: {"came": count} for pk, count in counts.annotate(Count("pk")).order_by()}
    if attended:
        own = Attendance.objects.filter(session__in=attended, user=user).values_list("session_id", "status")
        found |= {pk: {"status": LABELS[AttendanceStatus(status)]} for pk, status in own}
    return found
