"""HTML pages of classes. The list has a module of its own."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.forms import NewClassForm
from classes.list_page import list_page
from classes.models import Class
from classes.new_page import new_class_context
from classes.overview import overview
from classes.permissions import can_manage_class
from classes.seats import position_of
from classes.settings_page import settings_page
from tutorarc.api.browsable import NOT_IN_CLASS, HtmlPage, Page
from tutorarc.api.undo import Undo
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User

# Actions whose forms are on the tab with the settings.
OF_SETTINGS = ("partial_update", "archive", "leave")


class ClassPage(HtmlPage):
    success_messages = {
        "create": _("Class created. Share its code so that students can ask to join."),
        "partial_update": _("Changes saved."),
        "archive": _("Class archived. Everyone can still see it; nothing in it can be changed."),
        "unarchive": _("Class restored."),
        "class_code": _("New code created. The old one no longer works."),
    }

    def page(self) -> Page:
        if self.action == "list":
            return self.refusal() if self.status in (401, 403, 429) else list_page(self)
        if self.action == "create" and self.error:
            return self.refusal() if self.status in (401, 403) else self.new_class_page()
        if self.is_throttled_read:
            return self.refusal()
        self.reload_object()
        klass = getattr(self.view, "klass", None) or self.created_class()
        if klass is None:
            return self.refusal()
        if not self.may("retrieve", klass):
            return outside_page(klass, self.user)
        template, context = class_page(self, klass)
        if self.changed and self.action == "archive":
            context["undo"] = Undo("class.archived", by=self.user, back=context["address"], klass=klass.pk)
        return template, context

    def created_class(self) -> Class | None:
        """The class that was just created."""
        if self.error:
            return None
        return Class.objects.with_role_of(self.user).get(pk=self.data["id"])

    def new_class_page(self) -> Page:
        """The form again, with what was wrong with it."""
        address = reverse("class-list")
        return "classes/new.html", {
            **new_class_context(self.form(NewClassForm, "create", address)),
            "address": address,
        }


def class_page(page: HtmlPage, klass: Class) -> Page:
    """The tab of the class to which the page's call belongs. `klass` was loaded `with_role_of` the user."""
    is_setting = page.action in OF_SETTINGS and can_manage_class(page.user, klass)
    return settings_page(page, klass) if is_setting else overview(page, klass)


def outside_page(klass: Class, user: User) -> Page:
    """For people who are not in the class: what became of their request, and nothing about anybody else."""
    title = klass.title if klass.my_status else NOT_IN_CLASS
    return "classes/outside.html", {
        "title": title,
        "klass": klass,
        "position": None if klass.capacity is None else position_of(klass, user),
        "sends_mail": sends_mail(),
        "raw": "",
    }
