"""The page to subscribe to a calendar feed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from sessions.calendars.parts import subscribe_path
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.html_forms import ActionForm


class RenewCalendarForm(ActionForm):
    button = _("Renew addresses")
    css_class = "danger"


class CalendarPage(HtmlPage):
    success_messages = {"renew": _("The old addresses no longer work. Subscribe again with the new one.")}

    def page(self) -> Page:
        if self.error:
            return self.refusal()
        klass: Class | None = self.view.klass
        renew = reverse("my-calendar-renew", query={"class_id": klass.pk} if klass else None)
        return "sessions/calendar.html", {
            "title": _("Subscribe to your lessons"),
            "klass": klass,
            "crumbs": [(klass.title, reverse("class-detail", args=[klass.pk]))] if klass else [],
            "addresses": self.view.addresses,
            "renew": self.form(RenewCalendarForm, "renew", renew),
            "address": subscribe_path(klass),
        }
