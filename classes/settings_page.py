"""The tab with the settings of a class, for its teachers and administrators. Each form makes a call of its own."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.forms import ArchiveForm, ClassChangesForm, ClassSettingsForm, UnarchiveForm
from classes.models import Class
from classes.overview import LEAVING
from classes.seats import seats_of
from classes.tabs import ClassTab, class_header, register_tab
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.html_forms import PatchForm


class ClassSettingsPage(HtmlPage):
    success_messages = {"partial_update": _("Changes saved.")}

    def page(self) -> Page:
        self.reload_object()
        klass: Class | None = getattr(self.view, "klass", None)
        if klass is None or self.is_throttled_read or not self.may("retrieve", klass):
            return self.refusal()
        return settings_page(self, klass, ClassSettingsForm)


def settings_page(page: HtmlPage, klass: Class, sent: type[PatchForm] = ClassChangesForm) -> Page:
    """`sent` is the form that the page's call belongs to: it shows the errors of a call that was refused."""

    def form(form_class: type[PatchForm], address: str, **initial: Any) -> Any:
        if form_class is sent:
            return page.form(form_class, "partial_update", address, initial=initial)
        return form_class("partial_update", address, initial=initial)

    context = {
        "title": _("Settings"),
        "klass": klass,
        "can_manage": True,
        "address": _address(klass),
        "class_header": class_header(page, klass, "settings"),
        "leaving": LEAVING.fill(page, klass),
    }
    if not klass.is_archived or page.refused("partial_update"):
        before = {"title": klass.title, "description": klass.description}
        context["edit"] = form(ClassChangesForm, reverse("class-detail", args=[klass.pk]), **before)
        settings = {name: getattr(klass, name) for name in ClassSettingsForm.base_fields}
        context["seats"] = seats_of(klass) if klass.capacity else None
        context["room"] = form(ClassSettingsForm, _address(klass), **settings)
    if klass.is_archived:
        context["unarchive"] = page.form(UnarchiveForm, "unarchive", reverse("class-unarchive", args=[klass.pk]))
    else:
        context["archive"] = page.form(ArchiveForm, "archive", reverse("class-archive", args=[klass.pk]))
    return "classes/settings.html", context


def _address(klass: Class) -> str:
    return reverse("class-settings", args=[klass.pk])


register_tab(ClassTab("settings", _("Settings"), _address, order=40, is_for_teachers=True))
