"""HTML pages of a class's members, and of joining and leaving."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from classes.lookups import class_for
from classes.models import Class
from classes.pages import CLASS_DANGER_ZONE, CLASS_SECTIONS, class_page, outside_page
from classes.roles import ClassRole, MembershipStatus
from classes.tabs import register_tab
from members.class_parts import enrol_section, leave_option, people_tab
from members.forms import JoinForm, MemberFilterForm, PastMemberFilterForm, RoleForm, enrol_form
from members.models import Membership
from members.undo import undo_of, was_changed_just_now
from members.visibility import Reader
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.undo import Undo
from tutorarc.models import User

WAITING_ON_A_PAGE = 100

# Changes that one click takes back, by the action that makes them.
UNDONE = {
    "remove": "membership.removed",
    "reject": "membership.rejected",
    "partial_update": "membership.role_changed",
}
NOBODY_JOINS = _("This class is archived, so nobody can join it.")
UNKNOWN_CODE = _("We don’t know this code. Check it with your teacher.")

register_tab(people_tab)
CLASS_SECTIONS.register("members/class_enrol.html", enrol_section)
CLASS_DANGER_ZONE.register("members/class_leave.html", leave_option, order=10)


class MembersPage(HtmlPage):
    """Page of a class's members, shown after every call about them."""

    detail_overrides = {"user_id_or_email": {"field": "email", "message": "Give an e-mail address."}}

    def page(self) -> Page:
        self.reload_object()
        klass = getattr(self.view, "klass", None)
        if self.status in (401, 404) or self.is_throttled_read or klass is None or not self.may("list", klass):
            return self.refusal()
        reader = Reader(self.user, klass)
        if not (reader.is_manager or reader.is_member):
            return self.own_state(klass)
        can_manage, is_past = reader.is_manager, self.view.is_past
        filter_form = PastMemberFilterForm if can_manage else MemberFilterForm
        address = reverse("member-list", args=[klass.pk])
        listing = self.listing() if self.action == "list" else self.first_page(Membership.objects.all(), address)
        prefetch_related_objects(listing["rows"], "user")
        listing["rows"] = reader.with_emails(filter(reader.sees_name, listing["rows"]))
        context: dict[str, Any] = {
            **listing,
            "title": f"People of {klass.title}",
            "klass": klass,
            "can_manage": can_manage,
            "can_change": can_manage and not klass.is_archived and not is_past,
            "is_past": is_past,
            "address": address,
            "trail": self.trail(klass),
            "filters": self.filters(filter_form) if self.action == "list" else filter_form("filter", address),
            "success": self.success_message() if self.changed else "",
            "undo": self.undo(address) if self.changed else None,
        }
        if context["can_change"]:
            context |= self.action_context(reader, klass, address, listing["rows"])
        elif can_manage and self.refused("create"):
            context["enrol"] = self.form(enrol_form(self.user), "create", address)
        return "members/list.html", context

    def own_state(self, klass: Class) -> Page:
        """For people outside the class: what became of their request, and nothing about anybody else."""
        own = {"title": klass.title, "klass": klass, "trail": self.trail(klass)[:1], "raw": ""}
        return "members/own_state.html", own

    def trail(self, klass: Class) -> list[tuple[str, str]]:
        return [("Classes", reverse("class-list")), (klass.title, reverse("class-detail", args=[klass.pk]))]

    def action_context(self, reader: Reader, klass: Class, address: str, rows: list[Membership]) -> dict[str, Any]:
        """Context for teachers: pending requests, the form to add someone, and actions for each member."""
        waiting = reader.with_emails(self.waiting(klass))
        selected = self.typed.getlist("user_ids") if self.error and self.typed is not None else []
        return {
            "waiting": waiting[:WAITING_ON_A_PAGE],
            "more_waiting": len(waiting) > WAITING_ON_A_PAGE,
            "selected": selected,
            "selection_errors": self.selection_errors(),
            "enrol": self.form(enrol_form(self.user), "create", address),
            "rows": [(member, self.role_form(member)) for member in rows],
            "errors": self.batch_errors(klass) or self.other_errors,
            **{verb: reverse(f"member-{verb}", args=[klass.pk]) for verb in ("approve", "reject", "remove", "reopen")},
        }

    def selection_errors(self) -> list[str]:
        """Errors of the selected requests, shown above them."""
        if self.error is None or self.status != 400:
            return []
        self.fields_on_page.add("user_ids")
        wrong = [detail for detail in self.error["details"] if detail["field"].startswith("user_ids")]
        return [
            "Select at least one person." if detail["code"] == "required" else detail["message"] for detail in wrong
        ]

    def waiting(self, klass: Class) -> list[Membership]:
        """Pending requests: one page, plus one to tell whether there are more."""
        people = Membership.objects.filter(klass=klass, status=MembershipStatus.PENDING).select_related("user")
        return list(people.order_by("pk")[: WAITING_ON_A_PAGE + 1])

    def role_form(self, member: Membership) -> RoleForm | None:
        """Form to change to the other role; None for global students, who can't become teachers."""
        role = ClassRole.STUDENT if member.role == ClassRole.TEACHER else ClassRole.TEACHER
        if member.status != MembershipStatus.APPROVED or (role == ClassRole.TEACHER and member.user.is_student):
            return None
        address = reverse("member-detail", args=[member.klass_id, member.user_id])
        form = RoleForm(f"role-{member.user_id}", address, initial={"role": role})
        form.button = f"Make a {role.lower()}"
        return form

    def batch_errors(self, klass: Class) -> list[str]:
        """Error messages of a refused batch, with the names of the people."""
        if self.error is None or self.typed is None or self.status != 409 or not self.error["details"]:
            return []
        user_ids = self.typed.getlist("user_ids")
        people = Membership.objects.of(klass, user_ids).select_related("user")
        names = {member.user_id: member.user.display_name for member in people}
        return [
            format_html("<bdi>{}</bdi>: {}", _name(detail["field"], user_ids, names), detail["message"])
            if detail["field"]
            else detail["message"]
            for detail in self.error["details"]
        ]

    def undo(self, address: str) -> Undo | None:
        """The way back from the change that was just made, if one click can take it back."""
        kind = UNDONE.get(self.action)
        members = self.data if isinstance(self.data, list) else [self.data]
        if kind is None or (
            self.action == "partial_update" and not was_changed_just_now(members[0]["class_id"], members[0]["user_id"])
        ):
            return None
        return undo_of(self, kind, members, address)

    def success_message(self) -> str:
        """Message after a successful action."""
        if isinstance(self.data, list):
            count = "One person is" if len(self.data) == 1 else f"{len(self.data)} people are"
            return {
                "approve": f"{count} approved.",
                "reject": f"{count} rejected.",
                "reopen": f"{count} pending again. Approve or reject the request.",
            }.get(self.action, "")
        sentence = {
            "create": "{} was added to the class.",
            "partial_update": "{} is a {} of this class now.",
            "remove": "{} was removed.",
        }.get(self.action, "")
        person = format_html("<bdi>{}</bdi>", User.objects.get(pk=self.data["user_id"]).display_name)
        return format_html(sentence, person, self.data["role"].lower())


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
        if self.error and self.error["reason"] == Class.Archived.reason and self.action != "leave":
            self.error["message"] = NOBODY_JOINS
        klass = self.klass()
        if klass is not None and (self.user.is_admin or klass.my_status == MembershipStatus.APPROVED):
            return class_page(self, klass)
        if klass is not None and klass.my_status is not None and self.action != "leave":
            return outside_page(klass)
        if self.action in ("leave", "withdraw") or self.status in (401, 403, 404) or not self.may(self.action):
            return self.refusal()
        return "browse/form_page.html", {
            "title": _("Join a class"),
            "lead": _("Enter the class code from your teacher. You join once a teacher approves your request."),
            "trail": [(_("Classes"), reverse("class-list"))],
            "form": self.form(JoinForm, self.action, self.request.path),
        }

    def klass(self) -> Class | None:
        """The class in the path, or the one of the code if the student asked to join it now or before."""
        if self.changed:
            return class_for(self.user, self.data["class_id"])
        found: Class | None = getattr(self.view, "klass", None)
        if found is None and self.error and self.error["reason"] == Membership.AlreadyOnRecord.reason and self.typed:
            found = Class.objects.with_role_of(self.user).by_code(self.typed.get("class_code", ""))
        return found


def _name(field: str, user_ids: list[str], names: dict[str, str]) -> str:
    """Name of the person that `user_ids[1]` refers to, or the field itself."""
    person = dict(enumerate(user_ids)).get(int(field.removeprefix("user_ids[").removesuffix("]")), "")
    return names.get(person, person or field)
