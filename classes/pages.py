"""HTML pages of classes. The list has a module of its own."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.forms import (
    ArchiveForm,
    ClassChangesForm,
    ClassSettingsForm,
    NewClassForm,
    NewCodeForm,
    UnarchiveForm,
)
from classes.list_page import list_page
from classes.models import Class
from classes.new_page import new_class_context
from classes.permissions import can_manage_class
from classes.tabs import class_header
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import PartContext, Slot
from tutorarc.mail.outgoing import sends_mail

# Other apps register parts here. A part is called with the page and the class.
CLASS_SECTIONS = Slot()
CLASS_DANGER_ZONE = Slot()  # the heading joins the `title` of each part


class ClassPage(HtmlPage):
    success_messages = {
        "create": "Class created. Share its code so that students can ask to join.",
        "partial_update": "Changes saved.",
        "archive": "Class archived. Everyone can still see it; nothing in it can be changed.",
        "unarchive": "Class restored.",
        "class_code": "New code created. The old one no longer works.",
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
        return class_page(self, klass) if self.may("retrieve", klass) else outside_page(klass)

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


class ClassSettingsPage(HtmlPage):
    success_messages = {"partial_update": "Changes saved."}

    def page(self) -> Page:
        self.reload_object()
        klass: Class | None = getattr(self.view, "klass", None)
        if klass is None or self.is_throttled_read or not self.may("retrieve", klass):
            return self.refusal()
        address = reverse("class-settings", args=[klass.pk])
        form = self.form(ClassSettingsForm, "partial_update", address, initial={"room_url": klass.room_url})
        return "browse/form_page.html", {
            "title": "Settings",
            "trail": [("Classes", reverse("class-list")), (klass.title, reverse("class-detail", args=[klass.pk]))],
            "address": address,
            "form": form,
        }


def class_page(page: HtmlPage, klass: Class) -> Page:
    """The page of a class, with forms for what the user may do. `klass` was loaded `with_role_of` the user."""
    can_manage = can_manage_class(page.user, klass)
    address = reverse("class-detail", args=[klass.pk])
    context: dict[str, Any] = {
        "title": klass.title,
        "klass": klass,
        "can_manage": can_manage,
        "address": address,
        "trail": [("Classes", reverse("class-list"))],
        "class_header": class_header(page, klass, "overview"),
        "sections": CLASS_SECTIONS.fill(page, klass),
        "danger_zone": CLASS_DANGER_ZONE.fill(page, klass),
    }
    if can_manage and klass.is_archived:
        context["unarchive"] = page.form(UnarchiveForm, "unarchive", reverse("class-unarchive", args=[klass.pk]))
    if can_manage and (not klass.is_archived or page.refused("partial_update")):
        before = {"title": klass.title, "description": klass.description}
        context["edit"] = page.form(ClassChangesForm, "partial_update", address, initial=before)
    if can_manage and not klass.is_archived:
        context["guessed_at"] = klass.guessed_at()
        context["new_code"] = page.form(NewCodeForm, "class_code", reverse("class-class-code", args=[klass.pk]))
    return "classes/class.html", context


def outside_page(klass: Class) -> Page:
    """For people who are not in the class: what became of their request, and nothing about anybody else."""
    title = klass.title if klass.my_status else _("You don’t have access to this class")
    return "classes/outside.html", {
        "title": title,
        "klass": klass,
        "trail": [(_("Classes"), reverse("class-list"))],
        "sends_mail": sends_mail(),
        "raw": "",
    }


def archive_option(page: HtmlPage, klass: Class) -> PartContext | None:
    if klass.is_archived or not can_manage_class(page.user, klass):
        return None
    return {
        "title": "archive",
        "form": page.form(ArchiveForm, "archive", reverse("class-archive", args=[klass.pk])),
    }


CLASS_DANGER_ZONE.register("classes/class_archive.html", archive_option)
