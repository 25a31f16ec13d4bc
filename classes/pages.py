"""Classes as people see them: the list, and the page of one class."""

from typing import Any

from django.urls import reverse

from classes.forms import ArchiveForm, ClassChangesForm, ClassFilterForm, NewClassForm, NewCodeForm, UnarchiveForm
from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from members.forms import EnrolForm, JoinForm, LeaveForm
from members.models import Membership
from tutorarc.api.browsable import HtmlPage, Page

MANY = 100  # where a page counts, it stops here


class ClassPage(HtmlPage):
    said = {
        "create": "Class created. Share its code so that students can ask to join.",
        "partial_update": "Changes saved.",
        "archive": "Class archived. Everyone can still see it; nothing in it can be changed.",
        "unarchive": "Class restored.",
        "class_code": "New code created. The old one no longer works.",
    }

    def page(self) -> Page:
        if self.action == "list":
            return self.refusal() if self.status in (401, 403, 429) else self.list_page()
        if self.action == "create" and self.error:
            return self.refusal() if self.status in (401, 403) else self.new_class_page()
        if self.too_many_looks:
            return self.refusal()
        self.look_up()
        klass = getattr(self.view, "klass", None) or self.made()
        return class_page(self, klass) if klass and self.may("retrieve", klass) else self.refusal()

    def made(self) -> Class | None:
        """The class of which the answer tells."""
        if self.error:
            return None
        return Class.objects.with_role_of(self.user).get(pk=self.data["id"])

    def list_page(self) -> Page:
        address = self.request.path
        creates, joins = self.may("create"), self.user.is_student
        return "classes/list.html", {
            **self.listing(),
            "title": "Classes",
            "filters": self.filters(ClassFilterForm),
            "new": self.form(NewClassForm, "create", address) if creates else None,
            "join": self.form(JoinForm, "join_by_code", reverse("join-by-code")) if joins else None,
            "waiting": self.requests_waiting() if joins else 0,
        }

    def requests_waiting(self) -> int:
        return self.user.memberships.filter(status=MembershipStatus.PENDING)[:MANY].count()

    def new_class_page(self) -> Page:
        address = reverse("class-list")
        return "browse/form_page.html", {
            "title": "Create a class",
            "trail": [("Classes", address)],
            "address": address,
            "form": self.form(NewClassForm, "create", address),
        }


def class_page(screen: HtmlPage, klass: Class) -> Page:
    """The page of a class, looked up `with_role_of` the person: what they may do with it stands there as forms."""
    runs = can_manage_class(screen.user, klass)
    address = reverse("class-detail", args=[klass.pk])
    people = reverse("member-list", args=[klass.pk])
    context: dict[str, Any] = {
        "title": klass.title,
        "klass": klass,
        "runs": runs,
        "address": address,
        "trail": [("Classes", reverse("class-list"))],
        "people": people,
        "sessions": reverse("session-list", query={"classId": klass.pk}),
    }
    if klass.my_status == MembershipStatus.APPROVED and not klass.is_archived:  # type: ignore[attr-defined]
        context["leave"] = screen.form(LeaveForm, "leave", reverse("leave", args=[klass.pk]))
    if runs and klass.is_archived:
        context["unarchive"] = screen.form(UnarchiveForm, "unarchive", reverse("class-unarchive", args=[klass.pk]))
    if runs and (not klass.is_archived or screen.refused("partial_update")):
        before = {"title": klass.title, "description": klass.description}
        context["edit"] = screen.form(ClassChangesForm, "partial_update", address, initial=before)
    if runs and not klass.is_archived:
        waiting = Membership.objects.filter(klass=klass, status=MembershipStatus.PENDING)[:MANY].count()
        context |= {
            "waiting": waiting,
            "many": waiting == MANY,
            "enrol": EnrolForm("create", people),
            "new_code": screen.form(NewCodeForm, "class_code", reverse("class-class-code", args=[klass.pk])),
            "archive": screen.form(ArchiveForm, "archive", reverse("class-archive", args=[klass.pk])),
        }
    return "classes/class.html", context
