"""HTML forms of live sessions, which pages call lessons."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from classes.forms import room_link_field
from sessions.admission import Status
from sessions.class_zone import in_words, start_in_utc
from sessions.models import MAX_CANCEL_MESSAGE, Scope
from sessions.querysets import MAX_DURATION_MINUTES
from tutorarc.api.html_forms import (
    ActionForm,
    CheckboxWithHiddenFalse,
    DateTimePickerField,
    LocalDateTimeInput,
    PatchForm,
    day_field,
)
from tutorarc.domain.time_zones import shown_zone

STATUS_LABELS = {
    Status.SCHEDULED: _("Scheduled"),
    Status.LIVE: _("Live"),
    Status.ENDED: _("Ended"),
    Status.CANCELLED: _("Cancelled"),
}


class SessionForm(ActionForm):
    """Fields shared by the forms to schedule and to edit a lesson."""

    title = forms.CharField(max_length=200, label=_("Title"))
    startTime = DateTimePickerField(label=_("Starts"), help_text=_("In UTC."))
    duration = forms.IntegerField(
        label=_("Length in minutes"),
        initial=60,
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION_MINUTES, "inputmode": "numeric"}),
    )
    strict = forms.BooleanField(
        required=False,
        label=_("Students can enter only during the lesson"),
        widget=CheckboxWithHiddenFalse,
        help_text=_("Otherwise everyone with a link can enter at any time, until a teacher ends the lesson."),
    )
    roomUrl = room_link_field(_("If it differs from the room of the class."))

    def __init__(self, *args: Any, zone: ZoneInfo | None = None, **options: Any) -> None:
        """`zone` is the time zone of the class, if it has one."""
        super().__init__(*args, **options)
        self.zone = zone
        if zone:
            self.fields["startTime"].widget = LocalDateTimeInput(zone)
            self.fields["startTime"].help_text = in_words(zone)


class ScopeField(forms.ChoiceField):
    """Which lessons of a series a change is for."""

    def __init__(self, label: Any) -> None:
        choices = [
            (Scope.THIS.value, _("Only this lesson")),
            (Scope.FOLLOWING.value, _("This and following")),
            (Scope.ALL.value, _("All")),
        ]
        hint = _("Lessons that have begun, and those that were moved on their own, stay as they are.")
        super().__init__(
            label=label, choices=choices, initial=Scope.THIS.value, widget=forms.RadioSelect, help_text=hint
        )


class ScopeMixin(ActionForm):
    """A form with a scope, which is shown only for a lesson of a series."""

    def __init__(self, *args: Any, has_scope: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_scope:
            del self.fields["scope"]


class SessionChangesForm(ScopeMixin, PatchForm, SessionForm):
    button = _("Save")

    scope = ScopeField(_("Change"))
    timesIn = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["timesIn"] = self.zone.key if self.zone else ""

    @classmethod
    def changed_fields(cls, sent: QueryDict) -> QueryDict:
        """A start in local time is one in the zone that the form named. Raises ValidationError."""
        zone, body = shown_zone(sent.get("timesIn", "")), sent
        if zone and not _is_as_shown(sent, zone):
            body = start_in_utc(sent, zone)
        elif zone:
            body = sent.copy()
            body.pop("startTime", None)
        body = super().changed_fields(body)
        body.pop("timesIn", None)
        return body


def _is_as_shown(sent: QueryDict, zone: ZoneInfo) -> bool:
    """Whether the start is the local time that the form began with: it may be the second of a time that comes twice."""
    former = sent.get("initial-startTime", "")
    with suppress(ValueError):
        return sent.get("startTime") == LocalDateTimeInput(zone).format_value(datetime.fromisoformat(former))
    return False


class CancelForm(ScopeMixin):
    button = _("Cancel lesson")
    css_class = "danger"

    message = forms.CharField(
        required=False,
        max_length=MAX_CANCEL_MESSAGE,
        label=_("Message to the students (optional)"),
        help_text=_("Shown to everyone who follows the link, and in the mail to the people of the class."),
        widget=forms.Textarea({"rows": 2}),
    )
    scope = ScopeField(_("Cancel"))


class EndForm(ActionForm):
    button = _("End lesson")
    css_class = "danger"


class RenewLinksForm(ActionForm):
    button = _("Renew links")
    css_class = "second"


class SessionFilterForm(ActionForm):
    status = forms.ChoiceField(required=False, label=_("Status"), choices=[("", _("All")), *STATUS_LABELS.items()])
    startsAfter = day_field(_("From"), "from")
    startsBefore = day_field(_("Before"), "before")
    classId = forms.CharField(required=False, label=_("Class"), widget=forms.HiddenInput)
    seriesId = forms.CharField(required=False, label=_("Series"), widget=forms.HiddenInput)
