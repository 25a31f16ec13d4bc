"""HTML forms of live sessions, which pages call lessons."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classes.forms import room_link_field
from sessions.admission import Status
from sessions.models import MAX_CANCEL_MESSAGE, Scope
from sessions.querysets import MAX_DURATION_MINUTES
from tutorarc.api.html_forms import ActionForm, CheckboxWithHiddenFalse, DateTimePickerField, PatchForm, day_field

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
    button = _("Create a new teacher link")
    css_class = "second"


class SessionFilterForm(ActionForm):
    status = forms.ChoiceField(required=False, label=_("Status"), choices=[("", _("All")), *STATUS_LABELS.items()])
    startsAfter = day_field(_("From"), "from")
    startsBefore = day_field(_("Before"), "before")
    classId = forms.CharField(required=False, label=_("Class"), widget=forms.HiddenInput)
    seriesId = forms.CharField(required=False, label=_("Series"), widget=forms.HiddenInput)
