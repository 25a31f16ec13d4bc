"""HTML pages of joining and leaving a class, and what they add to the pages of classes."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.lookups import class_for
from classes.models import Class
from classes.overview import LEAVING, OVERVIEW_SECTIONS
from classes.pages import class_page, outside_page
from classes.roles import MembershipStatus
from classes.tabs import register_tab
from members.class_parts import leave_option, people_tab, seats
from members.forms import JoinForm
from members.models import Membership
from tutorarc.api.browsable import HtmlPage, Page

NOBODY_JOINS = _("This class is archived, so nobody can join it.")
REFUSALS = {  # by the reason of the API
    Class.Archived.reason: NOBODY_JOINS,
    Class.CodeClosed.reason: _("Nobody can join this class with its code at the moment. Ask its teacher to add you."),
    Class.CodeExpired.reason: _("This code has expired. Ask the teacher of the class to add you."),
}
UNKNOWN_CODE = _("We don’t know this code. Check it with your teacher.")

register_tab(people_tab)
OVERVIEW_SECTIONS.register("members/class_seats.html", seats, order=10)
LEAVING.register("members/class_leave.html", leave_option)


class JoinPage(HtmlPage):
    """Page of joining and leaving a class, and of withdrawing a request."""

    success_messages = {
        "join": _("Your request was sent."),
        "join_by_code": _("Your request was sent."),
        "withdraw": _("Your request was withdrawn."),
    }
    after_deletion = "join-page"

    detail_overrides = {"wrong_code": {"message": UNKNOWN_CODE}}

    def page(self) -> Page:
        self.reload_object()
        if self.changed and self.action == "leave":
            return "members/left.html", {"title": _("You left the class"), "address": reverse("class-list")}
        if self.error and self.action != "leave":
            self.error["message"] = REFUSALS.get(self.error["reason"], self.error["message"])
        klass = self.klass()
        if klass is not None and (self.user.is_admin or klass.my_status == MembershipStatus.APPROVED):
            return class_page(self, klass)
        if klass is not None and klass.my_status is not None and self.action != "leave":
            return outside_page(klass, self.user)
        if self.action in ("leave", "withdraw") or self.status in (401, 403, 404) or not self.may(self.action):
            return self.refusal()
        return "browse/form_page.html", {
            "title": _("Join a class"),
            "lead": _("Enter the class code from your teacher. You join once a teacher approves your request."),
            "crumbs": [(_("Classes"), reverse("class-list"))],
            "form": self.form(JoinForm, self.action, self.request.path),
        }

    def base_context(self) -> dict[str, Any]:
        context = super().base_context()
        is_request = self.changed and self.action in ("join", "join_by_code")
        if is_request and self.data["status"] == MembershipStatus.APPROVED:
            context["success"] = _("You have joined the class.")
        return context

    def klass(self) -> Class | None:
        """The class in the path, or the one of the code if the student asked to join it now or before."""
        if self.changed:
            return class_for(self.user, self.data["class_id"])
        found: Class | None = getattr(self.view, "klass", None)
        if found is None and self.error and self.error["reason"] == Membership.AlreadyOnRecord.reason and self.typed:
            found = Class.objects.with_role_of(self.user).by_code(self.typed.get("class_code", ""))
        return found
