"""The links to subscribe to a calendar feed, on the calendar page, the home page and the pages of a class."""

from django.urls import reverse

from classes.models import Class
from sessions.agenda.parts import CALENDAR_PARTS
from tutorarc.api.page_slots import PartContext


def subscribe_path(klass: Class | None = None) -> str:
    return reverse("my-calendar", query={"class_id": klass.pk} if klass else None)


def subscription(klass: Class | None = None) -> PartContext:
    """The link, for all lessons of the user or those of one class."""
    return {"address": subscribe_path(klass)}


CALENDAR_PARTS.register("sessions/subscribe.html", lambda _user: subscription())
