"""HTML forms of classes."""

from functools import partial
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from classes.class_fields import MAX_CAPACITY
from classes.models import Class
from tutorarc.api.html_forms import ActionForm, DateTimePickerField, PatchForm, text_area
from tutorarc.domain import time_zones
from tutorarc.domain.text_fields import LONGEST_EXTERNAL_ID

ROOM_HINT = _("Students are never shown this address: “Join the lesson” leads there once they may enter.")


def room_link_field(help_text: Any) -> forms.CharField:
    """`help_text` says what the link is for; that it stays secret is added."""
    widget = forms.URLInput({"placeholder": "https://", "autocomplete": "off"})
    hint = format_lazy("{} {}", help_text, ROOM_HINT)
    return forms.CharField(required=False, label=_("Room link"), widget=widget, help_text=hint)


class ClassForm(ActionForm):
    """Fields shared by the forms to create and to edit a class."""

    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("The name your students know, such as Algorithms 101.")
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        strip=False,
        max_length=10_000,
        widget=text_area(4),
        help_text=_("Optional: what the class is about."),
    )


class NewClassForm(ClassForm):
    button = _("Create class")


class ClassChangesForm(PatchForm, ClassForm):
    button = _("Save")


class ClassSettingsForm(PatchForm):
    room_url = room_link_field(_("Where the lessons of this class take place, such as your Zoom or Meet link."))
    time_zone = forms.ChoiceField(
        required=False,
        choices=partial(time_zones.choices, _("The time zone of the person who plans")),
        label=_("Time zone"),
        help_text=_("Lessons of this class are planned in it, and keep their hour in it where clocks change."),
    )
    capacity = forms.IntegerField(
        required=False,
        label=_("Seats"),
        help_text=_("How many students can be in the class. Leave it empty for any number."),
        widget=forms.NumberInput({"min": 1, "max": MAX_CAPACITY, "inputmode": "numeric"}),
    )
    code_mode = forms.ChoiceField(
        label=_("Joining with the class code"),
        choices=[
            (Class.CodeMode.APPROVAL.value, _("Students request to join, and you approve them")),
            (Class.CodeMode.OPEN.value, _("Students join right away, as long as there are free seats")),
            (Class.CodeMode.CLOSED.value, _("Nobody can join")),
        ],
        widget=forms.RadioSelect,
        help_text=_("If you let students join right away, those who are waiting join too."),
    )
    code_expires_at = DateTimePickerField(
        required=False,
        label=_("Class code valid until"),
        help_text=_("In UTC."),
    )
    external_id = forms.CharField(
        required=False,
        max_length=LONGEST_EXTERNAL_ID,
        label=_("External id"),
        help_text=_("Optional: the id of this class in another system, such as the school’s."),
    )


class ArchiveForm(ActionForm):
    button = _("Archive class")
    css_class = "second"


class UnarchiveForm(ActionForm):
    button = _("Restore class")


class NewCodeForm(ActionForm):
    button = _("Create new code")
    css_class = "second"


class ClassFilterForm(ActionForm):
    status = forms.CharField(required=False, widget=forms.HiddenInput)
    search = forms.CharField(
        required=False, max_length=200, label=_("Search"), widget=forms.TextInput({"type": "search"})
    )
    ordering = forms.ChoiceField(
        required=False,
        label=_("Order"),
        choices=[
            ("", _("Newest first")),
            ("created_at", _("Oldest first")),
            ("title", _("Title, A to Z")),
            ("-title", _("Title, Z to A")),
        ],
    )
