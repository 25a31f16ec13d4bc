"""The People tab of a class."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from classes.models import Class
from classes.pages import outside_page
from classes.tabs import class_header
from members import people
from members.forms import PastRosterForm, SearchForm
from members.invitations.pages import invitations_context, unanswered
from members.messages import REFUSALS, sentence_of_done, sentence_of_role, sentences_of_left_out
from members.models import Membership
from members.undo import undo_of, was_changed_just_now
from members.visibility import Reader
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.undo import Undo
from tutorarc.models import User

# Changes that one click takes back, by the action that makes them.
UNDONE = {
    "remove": "membership.removed",
    "reject": "membership.rejected",
    "partial_update": "membership.role_changed",
}
VERBS = ("approve", "reject", "remove")


class PeoplePage(HtmlPage):
    """Page of a class's people, shown after every call about them."""

    def page(self) -> Page:
        self.reload_object()
        klass = getattr(self.view, "klass", None)
        if self.status in (401, 404) or self.is_throttled_read or klass is None or not self.may("list", klass):
            return self.refusal()
        reader = Reader(self.user, klass)
        if not (reader.is_manager or reader.is_member):
            return outside_page(klass, self.user)
        if self.error:
            self.error["message"] = REFUSALS.get(self.error["reason"], self.error["message"])
        return "members/people.html", self.context(reader, klass)

    def context(self, reader: Reader, klass: Class) -> dict[str, Any]:
        address, is_past = reverse("member-list", args=[klass.pk]), self.view.is_past
        can_change = reader.is_manager and not klass.is_archived and not is_past
        return {
            **self.sections(reader, klass, address),
            "title": _("People of %(title)s") % {"title": klass.title},
            "class_header": class_header(self, klass, "people"),
            "klass": klass,
            **(self.invitations(klass) if reader.is_manager and not is_past and self.is_tab else {}),
            "can_manage": reader.is_manager,
            "can_change": can_change,
            "is_past": is_past,
            "address": address,
            "search": self.filters(SearchForm) if self.action == "list" else SearchForm("search", address),
            "past_roster": PastRosterForm("past", address, typed=self.query) if reader.is_manager else None,
            "history": f"{reverse('event-list')}?class_id={klass.pk}&user_id=",
            **(self.result(klass, address) if can_change else {}),
            **{verb: reverse(f"member-{verb}", args=[klass.pk]) for verb in VERBS},
        }

    @property
    def is_tab(self) -> bool:
        """Whether all sections are shown, and not a part of them that was searched for."""
        return self.action != "list" or self.view.is_tab

    @property
    def query(self) -> Any:
        return self.request.query_params

    # What is shown

    def sections(self, reader: Reader, klass: Class, address: str) -> dict[str, Any]:
        is_tab = self.is_tab
        listing = self.listing() if self.action == "list" else self.students(address)
        if self.view.is_past:
            prefetch_related_objects(listing["rows"], "user")
        found: dict[str, Any] = {"rows": filter(reader.sees_name, listing["rows"])}
        if is_tab:
            found |= self.other_sections(reader, klass)
        shown = {name: reader.with_emails(rows) for name, rows in found.items()}
        if not self.view.is_past:
            people.tell_latest_change([member for rows in shown.values() for member in rows])
        context = {**listing, **shown, "is_tab": is_tab, "heading": self.heading()}
        if is_tab:
            sizes = people.sizes_of(klass)
            context |= {"sizes": sizes, "shown_sizes": {name: people.bounded(size) for name, size in sizes.items()}}
        return context

    def other_sections(self, reader: Reader, klass: Class) -> dict[str, Any]:
        sizes, sections = people.sizes_of(klass), {"teachers": people.teachers_of(klass)}
        if reader.is_manager and sizes["requests"]:
            sections["requests"] = people.requests_of(klass)
        if reader.is_manager and sizes["past"]:
            sections["past"] = people.past_of(klass)
        return sections

    def invitations(self, klass: Class) -> dict[str, Any]:
        """For teachers, what the page says of people who were invited, if there are any who haven't answered."""
        context = invitations_context(klass, unanswered(klass))
        return context if context["invitations"] else {}

    def students(self, address: str) -> dict[str, Any]:
        """The list behind the tab, after another call."""
        students = Membership.objects.filter(**people.STUDENTS)
        return self.first_page(students, f"{address}?{people.STUDENTS_QUERY}")

    def heading(self) -> str:
        """What the list shows that is not the whole tab."""
        if self.query.get("search"):
            return _("Search results")
        headings = {
            "PENDING": _("Join requests"),
            "REJECTED": _("Declined"),
            "REMOVED": _("Left or removed"),
        }
        is_of_students = self.query.get("role") == "STUDENT" and self.query.get("status") == "APPROVED"
        return _("Students") if is_of_students else headings.get(self.query.get("status", ""), _("People"))

    # What was done

    def result(self, klass: Class, address: str) -> dict[str, Any]:
        """Messages about the change that was just made or refused, and the requests that stay ticked."""
        selected = self.typed.getlist("user_ids") if self.error and self.typed is not None else []
        if self.changed:
            left_out = sentences_of_left_out(klass, self.view.left_out) if self.view.left_out else []
            told = format_html_join(" ", "{}", ([sentence] for sentence in [self.sentence(), *left_out]))
            return {"success": told, "undo": self.undo(klass, address)}
        return {"selected": selected, "selection_errors": self.selection_errors(), "errors": self.errors(klass)}

    def sentence(self) -> SafeString:
        members = self.data if isinstance(self.data, list) else [self.data]
        ids = [member["user_id"] for member in members]
        named = dict(User.objects.filter(pk__in=ids[:3]).values_list("pk", "display_name"))
        names = [named[user_id] for user_id in ids[:3]]
        if self.action == "partial_update":
            return sentence_of_role(names[0], is_teacher=members[0]["role"] == "TEACHER")
        return sentence_of_done(self.action, names, len(ids))

    def undo(self, klass: Class, address: str) -> Undo | None:
        """The way back from the change, if one click can take it back."""
        kind = UNDONE.get(self.action)
        members = self.data if isinstance(self.data, list) else [self.data]
        if kind is None:
            return None
        if self.action == "partial_update" and not was_changed_just_now(klass.pk, members[0]["user_id"]):
            return None
        return undo_of(self, kind, members, address)

    def errors(self, klass: Class) -> list[str]:
        if self.error and self.error["reason"] == Membership.NotInState.reason and self.typed is not None:
            return sentences_of_left_out(klass, list(dict.fromkeys(self.typed.getlist("user_ids"))))
        return self.other_errors if not self.single_error else []

    def selection_errors(self) -> list[str]:
        """Errors of the ticked requests, shown above them."""
        if self.error is None or self.status != 400:
            return []
        self.fields_on_page.add("user_ids")
        wrong = [detail for detail in self.error["details"] if detail["field"].startswith("user_ids")]
        return [
            _("Select at least one person.") if detail["code"] == "required" else detail["message"] for detail in wrong
        ]
