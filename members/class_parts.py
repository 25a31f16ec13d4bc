"""Sections about members on the pages of classes."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from classes.tabs import ClassTab
from members.forms import LeaveForm
from members.people import bounded, sizes_of
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.page_slots import PartContext
from tutorarc.models import User


def leave_option(page: HtmlPage, klass: Class) -> PartContext | None:
    """`klass` was loaded `with_role_of` the user."""
    if klass.my_status != MembershipStatus.APPROVED or klass.is_archived:
        return None
    form = page.form(LeaveForm, "leave", reverse("leave", args=[klass.pk]))
    return {"form": form, "people": _people(klass)}


def seats(page: HtmlPage, klass: Class) -> PartContext | None:
    """How many seats are taken, for those who manage a class with a limited number."""
    if klass.capacity is None or klass.is_archived or not can_manage_class(page.user, klass):
        return None
    sizes = sizes_of(klass)
    return {"taken": bounded(sizes["students"]), "waiting": sizes["requests"], "klass": klass}


def _people(klass: Class) -> str:
    return reverse("member-list", args=[klass.pk])


def _counts(user: User, klass: Class) -> Any:
    """How many people are in the class and, for its teachers, how many requests wait: `24 · 3 requests`."""
    sizes = sizes_of(klass)
    members = bounded(sizes["students"] + sizes["teachers"])
    requests = sizes["requests"] if can_manage_class(user, klass) and not klass.is_archived else 0
    if not requests:
        return members
    waiting = ngettext("%(number)s request", "%(number)s requests", requests) % {"number": bounded(requests)}
    return f"{members} · {waiting}"


people_tab = ClassTab("people", _("People"), _people, order=20, count=_counts)
