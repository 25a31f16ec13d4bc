"""What the pages of a class say about its lessons."""

from typing import Any

from django.utils import timezone

from classes.models import Class
from classes.overview import OVERVIEW_SECTIONS
from classes.permissions import can_manage_class
from sessions.admission import Reason, admission
from sessions.models import LiveSession
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.page_slots import PartContext


def next_lesson(page: HtmlPage, klass: Class) -> PartContext | None:
    """The current or next lesson, with the link for this person. `opens_at` is None while they can enter."""
    if klass.is_archived:
        return None
    now, can_manage = timezone.now(), can_manage_class(page.user, klass)
    lesson = LiveSession.objects.upcoming(now).filter(klass=klass).first()
    if lesson is None:
        return {"lesson": None}
    lesson.klass = klass
    entry = admission(lesson, "teacher" if can_manage else "student", now)
    link: Any = lesson.teacher_link_for(page.user) if can_manage else lesson.student_link
    opens_at = entry.opens_at if entry.reason == Reason.TOO_EARLY else None
    return {"lesson": lesson, "link": link, "opens_at": opens_at, "is_on": lesson.start_time <= now}


OVERVIEW_SECTIONS.register("sessions/class_next.html", next_lesson)
