"""Students who arrive at a live session, in its lobby: signed in, or by a personal link."""

from datetime import datetime

from django.http import HttpRequest

from classes.roles import ClassRole, MembershipStatus
from sessions.admission import Admission
from sessions.models import Attendance
from sessions.models.attendance import EARLY
from sessions.personal_links.visitors import Visitor
from tutorarc.domain.events import Actor


def record_arrival(request: HttpRequest, visitor: Visitor, entry: Admission, now: datetime) -> None:
    """Record that the visitor is there, if they may enter now and are a student of the class. It is recorded once.

    Nothing is recorded for a page that a browser only loads ahead, nor for a program that only checks the link.
    """
    session = visitor.session
    is_student = session.my_role == ClassRole.STUDENT and session.my_status == MembershipStatus.APPROVED
    is_on = session.start_time <= now + EARLY and now <= session.end_time
    is_visit = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    if visitor.user and is_student and is_on and is_visit and entry.admitted:
        Attendance.objects.arrive(session, Actor(visitor.user))
