"""Students who arrive at a live session: signed in, by its lobby."""

from datetime import datetime

from django.http import HttpRequest

from classes.roles import ClassRole, MembershipStatus
from sessions.admission import Admission
from sessions.models import Attendance, LiveSession
from sessions.models.attendance import EARLY
from tutorarc.domain.events import Actor
from tutorarc.http.signed_in_user import signed_in_user


def record_arrival(request: HttpRequest, session: LiveSession, entry: Admission, now: datetime) -> None:
    """Record that the visitor is there, if they may enter now and are a student of the class. It is recorded once.

    Nothing is recorded for a page that a browser only loads ahead.
    """
    is_student = session.my_role == ClassRole.STUDENT and session.my_status == MembershipStatus.APPROVED
    is_on = session.start_time <= now + EARLY and now <= session.end_time
    if is_student and is_on and entry.admitted and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        Attendance.objects.arrive(session, Actor(signed_in_user(request)))
