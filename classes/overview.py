"""The first tab of a class: its next lesson, its code, and what happened last."""

from typing import Any

from django.urls import reverse

from classes.forms import NewCodeForm, UnarchiveForm
from classes.invites import invite
from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import ClassRole, MembershipStatus
from classes.tabs import class_header
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import Slot
from tutorarc.feed.sentences import Sentence, sentences
from tutorarc.models import Event
from tutorarc.models.event import number_events

EVENTS_SHOWN = 5

# Parts before the code, such as the next lesson. A part is called with the page and the class.
OVERVIEW_SECTIONS = Slot()
# How to leave the class: here for students, in the settings for teachers.
LEAVING = Slot()


def overview(page: HtmlPage, klass: Class) -> Page:
    """`klass` was loaded `with_role_of` the user, who is a member or an administrator."""
    can_manage = can_manage_class(page.user, klass)
    context: dict[str, Any] = {
        "title": klass.title,
        "klass": klass,
        "can_manage": can_manage,
        "address": reverse("class-detail", args=[klass.pk]),
        "class_header": class_header(page, klass, "overview"),
        "sections": OVERVIEW_SECTIONS.fill(page, klass),
        "invite": None if klass.is_archived else invite(page.request, klass),
        "leaving": [] if can_manage else LEAVING.fill(page, klass),
    }
    if can_manage:
        context |= _for_teachers(page, klass)
    return "classes/overview.html", context


def _for_teachers(page: HtmlPage, klass: Class) -> dict[str, Any]:
    if klass.is_archived:
        restore = page.form(UnarchiveForm, "unarchive", reverse("class-unarchive", args=[klass.pk]))
        return {"unarchive": restore, "latest": latest(klass)}
    return {
        "new_code": page.form(NewCodeForm, "class_code", reverse("class-class-code", args=[klass.pk])),
        "has_students": _has_students(klass),
        "guessed_at": klass.guessed_at(),
        "latest": latest(klass),
    }


def _has_students(klass: Class) -> bool:
    return klass.memberships.filter(role=ClassRole.STUDENT, status=MembershipStatus.APPROVED).exists()


def latest(klass: Class) -> list[Sentence]:
    """The last events of the class, the latest first; not who came to its lessons, which would be most of them."""
    number_events()
    events = Event.objects.public().filter(class_id=klass.pk).exclude(type="session.attendance_changed")
    return sentences(list(events.order_by("-position")[:EVENTS_SHOWN]))
