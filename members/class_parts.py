"""Sections about members on the pages of classes."""

from django.urls import reverse

from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from members.forms import JoinForm, LeaveForm, enrol_form
from members.models import Membership
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.page_slots import PartContext

MANY = 100  # counts on pages stop here


def people_tile(page: HtmlPage, klass: Class) -> PartContext:
    waiting = _waiting(klass) if _may_change(page, klass) else 0
    return {"address": _people(klass), "waiting": waiting, "many": waiting == MANY}


def enrol_section(page: HtmlPage, klass: Class) -> PartContext | None:
    return {"form": enrol_form(page.user)("create", _people(klass))} if _may_change(page, klass) else None


def leave_option(page: HtmlPage, klass: Class) -> PartContext | None:
    """`klass` was loaded `with_role_of` the user."""
    if klass.my_status != MembershipStatus.APPROVED or klass.is_archived:
        return None
    form = page.form(LeaveForm, "leave", reverse("leave", args=[klass.pk]))
    return {"title": "leave", "form": form, "people": _people(klass)}


def join_section(page: HtmlPage) -> PartContext | None:
    """Form to join a class, above the list of classes for students."""
    if not page.user.is_student:
        return None
    waiting = page.user.memberships.filter(status=MembershipStatus.PENDING)[:MANY].count()
    return {"form": page.form(JoinForm, "join_by_code", reverse("join-by-code")), "waiting": waiting}


def _may_change(page: HtmlPage, klass: Class) -> bool:
    return can_manage_class(page.user, klass) and not klass.is_archived


def _waiting(klass: Class) -> int:
    return Membership.objects.filter(klass=klass, status=MembershipStatus.PENDING)[:MANY].count()


def _people(klass: Class) -> str:
    return reverse("member-list", args=[klass.pk])
