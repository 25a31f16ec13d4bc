"""The form to download the attendance of a class over some months as a CSV file."""

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from sessions.attendance.class_file import first_day_by_default
from tutorarc.api.html_forms import LAST_DAY


class AttendanceFileForm(forms.Form):
    """Its days, in the current time zone, are those of the last six months at first."""

    until = forms.DateField(label=_("Until"))

    def __init__(self, klass: Class) -> None:
        today = timezone.localdate()
        super().__init__(
            initial={"from": first_day_by_default(today), "until": today}, auto_id="file-%s", label_suffix=""
        )
        self.fields["from"] = forms.DateField(label=_("From"))  # a name that no attribute can have
        self.order_fields(["from", "until"])
        for field in self.fields.values():
            field.widget = forms.DateInput({"type": "date", "max": LAST_DAY}, format="%Y-%m-%d")
        self.address = reverse("class-attendance-file", args=[klass.pk])
