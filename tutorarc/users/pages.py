"""HTML pages of users, for administrators."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.http.confirmation import is_confirmed
from tutorarc.models import User
from tutorarc.users.forms import NewUserForm, UserChangesForm, UserFilterForm

PEOPLE = _("People")


class UserPage(HtmlPage):
    success_messages = {"create": _("Person added."), "partial_update": _("Changes saved.")}

    def page(self) -> Page:
        if self.status in (401, 403, 404, 429):
            return self.refusal()
        if self.action == "list":
            return self.people()
        if self.action == "create" and self.error:
            return "users/new.html", {"title": _("Add a person"), "crumbs": self.crumbs(), "form": self.new_form()}
        return self.one()

    def people(self) -> Page:
        return "users/list.html", {
            **self.listing(),
            "title": PEOPLE,
            "filters": self.filters(UserFilterForm),
            "form": self.new_form(),
            "reload": reverse("user-list"),
            **self.confirmation(reverse("user-list")),
        }

    def one(self) -> Page:
        pk = self.view.kwargs.get("user_id") or self.data["id"]
        person, address = User.objects.get(pk=pk), reverse("user-detail", args=[pk])
        initial = {name: value for name, value in person.as_shown().items() if name in UserChangesForm.base_fields}
        return "users/user.html", {
            "title": person.display_name,
            "crumbs": self.crumbs(),
            "person": person,
            "address": address,
            "form": self.form(UserChangesForm, "partial_update", address, initial=initial),
            **self.confirmation(address),
        }

    def new_form(self) -> Any:
        return self.form(NewUserForm, "create", reverse("user-list"))

    def crumbs(self) -> list[tuple[Any, str]]:
        return [(PEOPLE, reverse("user-list"))]

    def confirmation(self, address: str) -> dict[str, Any]:
        """The link to confirm with the password first, if the forms of this page would be refused without it."""
        is_needed = not is_confirmed(self.request._request)
        return {"confirm": reverse("account_reauthenticate", query={"next": address}) if is_needed else ""}
