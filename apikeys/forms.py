"""Forms of the developer page for API keys."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apikeys.models import ApiKey, all_scopes
from apikeys.one_time_form import OneTimeForm, OverlapForm
from apikeys.scope_words import SCOPE_WORDS, by_resource
from tutorarc.api.html_forms import LAST_DAY
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.events import Actor
from tutorarc.domain.text_fields import LineFormField

LIFETIMES = {
    "30": _("In 30 days"),
    "90": _("In 90 days"),
    "365": _("In a year"),
    "date": _("On a date"),
    "never": _("Never"),
}
READ, ALL, CHOSEN = "read", "all", "chosen"
ACCESS = {READ: _("Read only"), ALL: _("Full access"), CHOSEN: _("Only what I choose")}


class NewKeyForm(OneTimeForm[ApiKey]):
    name = LineFormField(
        max_length=100,
        label=_("Name"),
        help_text=_("Where will it be used? For example: Timetable sync"),
        error_messages={"required": _("Enter a name.")},
    )
    access = forms.ChoiceField(
        choices=list(ACCESS.items()),
        widget=forms.RadioSelect,
        label=_("What the key may do"),
        help_text=_("It acts as you, and can never do more than you."),
        error_messages={"required": _("Choose what the key may do.")},
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("It may"),
    )
    life = forms.ChoiceField(
        choices=list(LIFETIMES.items()), initial="90", widget=forms.RadioSelect, label=_("Expires")
    )
    last_day = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date", "max": LAST_DAY}, format="%Y-%m-%d"),
        label=_("Last day"),
        help_text=_("The key works until the end of this day in UTC."),
    )

    def scope_groups(self) -> Iterator[tuple[str, list[Any]]]:
        """The boxes of `scopes` by resource."""
        return by_resource(SCOPES, self["scopes"])

    def clean_scopes(self) -> list[str]:
        """Those that the chosen access means; the ticked ones count only for CHOSEN."""
        ticked: list[str] = self.cleaned_data["scopes"]
        access = self.cleaned_data.get("access")
        if access == READ:
            return [scope for scope in SCOPES if scope.endswith(":read")]
        if access == CHOSEN and not ticked:
            raise ValidationError(_("Choose at least one."), code="required")
        return all_scopes() if access == ALL else ticked

    def clean_last_day(self) -> date | None:
        last_day, chosen = self.cleaned_data["last_day"], self.cleaned_data.get("life") == "date"
        if chosen and last_day is None:
            raise ValidationError(_("Enter a date."), code="required")
        if last_day is not None and not chosen:
            raise ValidationError(
                _("Choose “On a date” above to use this date, or clear the field."), code="not_chosen"
            )
        if last_day is not None and last_day < timezone.now().date():
            raise ValidationError(_("This day is in the past. Choose a later one."), code="past")
        return last_day

    def expires_at(self) -> datetime | None:
        match self.cleaned_data["life"]:
            case "never":
                return None
            case "date":
                return datetime.combine(self.cleaned_data["last_day"], time(23, 59, 59), UTC)
            case days:
                return timezone.now() + timedelta(days=int(days))

    def _issue(self, by: Actor) -> tuple[ApiKey, str]:
        name, scopes = self.cleaned_data["name"], self.cleaned_data["scopes"]
        return ApiKey.objects.issue(by.person, by, name=name, scopes=scopes, expires_at=self.expires_at())


class RotationForm(OverlapForm[ApiKey]):
    def __init__(self, key: ApiKey, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.key = key

    def _issue(self, by: Actor) -> tuple[ApiKey, str]:
        issued = self.key.rotate(by, self.chosen_overlap)
        self.key.refresh_from_db(fields=["expires_at"])
        return issued
