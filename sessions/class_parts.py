"""What the pages of a class say about its lessons."""

from django.utils import timezone

from classes.models import Class
from classes.overview import OVERVIEW_SECTIONS
from classes.permissions import can_manage_class
from sessions.calendars.parts import subscription
from sessions.models import LiveSession
from sessions.next_lesson import as_seen_by
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.page_slots import PartContext


def next_lesson(page: HtmlPage, klass: Class) -> PartContext | None:
    """The current or next lesson of the class."""
    if klass.is_archived:
        return None
    now = timezone.now()
    lesson = LiveSession.objects.upcoming(now).filter(klass=klass).first()
    subscribe = subscription(klass)
    if lesson is None:
        return {"lesson": None, "subscribe": subscribe}
    lesson.klass = klass
    seen = as_seen_by(page.user, lesson, is_teacher=can_manage_class(page.user, klass), now=now)
    when = {"opens_at": seen.opens_at, "is_on": seen.is_on}
    return {"lesson": lesson, "link": seen.link, **when, "subscribe": subscribe}


OVERVIEW_SECTIONS.register("sessions/class_next.html", next_lesson)
