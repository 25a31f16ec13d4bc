"""What the page of a lesson says about attendance."""

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from classes.roles import MembershipStatus
from sessions.models import Attendance, LiveSession
from sessions.models.attendance import EARLY, shown
from sessions.permissions import may_change
from tutorarc.models import User


def attendance_context(user: User, session: LiveSession) -> dict[str, Any]:
    """For teachers, how many came, and the way to the list, from shortly before the start. For students, their own.

    Empty for a session without a class and for one that is cancelled.
    """
    if session.klass_id is None or session.cancelled_at or timezone.now() + EARLY < session.start_time:
        return {}
    theirs = Attendance.objects.filter(session=session)
    if may_change(user, session):
        counts = dict(theirs.values_list("status").annotate(Count("pk")).order_by())
        address = reverse("session-attendance", args=[session.pk])
        return {"attendance": {"address": address, "came": counts.get("PRESENT", 0) + counts.get("LATE", 0)}}
    if session.my_status != MembershipStatus.APPROVED:
        return {}
    own = theirs.filter(user=user).first()
    return {"own_attendance": own and shown(session, user.pk, own.status, own.arrived_at)}
