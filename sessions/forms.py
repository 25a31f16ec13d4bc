"""HTML forms of live sessions."""

from typing import Any

from django import forms

from classes.forms import room_link_field
from sessions.admission import Status
from sessions.models import MAX_DURATION_MINUTES
from tutorarc.api.html_forms import ActionForm, CheckboxWithHiddenFalse, DateTimePickerField, PatchForm, day_field

STATUS_LABELS = {
    Status.SCHEDULED: "Scheduled",
    Status.LIVE: "Live",
    Status.ENDED: "Ended",
    Status.CANCELLED: "Cancelled",
}


class SessionForm(ActionForm):
    """Fields shared by the forms to schedule and to edit a session."""

    title = forms.CharField(max_length=200)
    startTime = DateTimePickerField(label="Starts", help_text="In UTC.")
    duration = forms.IntegerField(
        label="Length in minutes",
        initial=60,
        widget=forms.NumberInput({"min": 1, "max": MAX_DURATION_MINUTES}),
        help_text="1 to 1440 minutes.",
    )
    strict = forms.BooleanField(
        required=False,
        label="Enforce the schedule: entry only between start and end",
        widget=CheckboxWithHiddenFalse,
        help_text="Students can enter from start to end, teachers from 15 minutes before the start. "
        "Otherwise everyone can enter until a teacher ends the session.",
    )
    roomUrl = room_link_field("If it differs from the room of the class.")


class NewSessionForm(SessionForm):
    """Form to schedule a session. `classes` are the choices as (id, title)."""

    button = "Schedule session"

    classId = forms.ChoiceField(label="Class", required=False)
    teacherId = forms.CharField(
        max_length=128,
        label="Teacher’s id",
        help_text="Filled in for you. Change it if your own system uses another id for you.",
    )
    field_order = ["title", "classId", "startTime", "duration", "strict", "roomUrl", "teacherId"]

    def __init__(self, *args: Any, classes: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["classId"].choices = [("", "None"), *classes]  # type: ignore[attr-defined]


class SessionChangesForm(PatchForm, SessionForm):
    button = "Save"


class CancelForm(ActionForm):
    button = "Cancel session"
    css_class = "danger"


class EndForm(ActionForm):
    button = "End session"
    css_class = "danger"


class RenewLinksForm(ActionForm):
    button = "Create a new teacher link"
    css_class = "second"


class SessionFilterForm(ActionForm):
    status = forms.ChoiceField(required=False, choices=[("", "All"), *STATUS_LABELS.items()])
    startsAfter = day_field("Starts from", "from")
    startsBefore = day_field("Starts before", "before")
    teacherId = forms.CharField(required=False, max_length=128, label="Teacher’s id")
    classId = forms.CharField(required=False, label="Class", widget=forms.HiddenInput)
