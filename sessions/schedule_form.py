"""The form to schedule a lesson, which is simpler than the body of the call `POST /sessions`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from classes.models import Class
from sessions import repeat_form
from sessions.class_zone import moment_of, start_in_utc, zone_of
from sessions.forms import SessionForm
from sessions.querysets import MAX_DURATION_MINUTES
from sessions.repeat_form import ProposedDate
from tutorarc.api.html_forms import UtcDateTimeInput

OTHER = "other"
NO_CLASS = "none"
JUST_NOW = timedelta(minutes=15)  # a lesson that has just begun needs no question
IN_PAST = "in_past"
AFTER_DATES = ("strict", "roomUrl")
TIMES = ("startTime", "length", "duration", "repeat", "until", "times")
PAGE_FIELDS = ("length", "isFixed", "confirmedStart", *repeat_form.PAGE_FIELDS)


@dataclass(frozen=True)
class FieldGroup:
    """Some fields of a form, for `browse/fields.html`."""

    visible_fields: list[forms.BoundField]
    hidden_fields: tuple[forms.BoundField, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.visible_fields)


class ClassChoice(NamedTuple):
    """A class to choose, with the name of its time zone, empty without one."""

    pk: str
    label: str
    zone: str


class ClassSelect(forms.Select):
    """Classes to choose from. Those with a time zone of their own say it, for the date-time picker."""

    zones: Mapping[str, str] = {}  # by id

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **options)
        if zone := self.zones.get(str(value)):
            option["attrs"]["data-zone"] = zone
        return option


class ScheduleForm(repeat_form.RepeatForm, SessionForm):
    """`classes` are the choices; with `klass` that class was chosen before, and can't be changed.

    `dates` are those of a series that is to be checked, and `dates_of` what they belong to. `planned` are those of the
    series that the form describes, whether it shows them or not.
    """

    planned: Sequence[ProposedDate] = ()
    dates: Sequence[ProposedDate] = ()
    dates_of = ""

    button = _("Schedule lesson")

    classId = forms.ChoiceField(label=_("Class"), required=False, widget=ClassSelect)
    length = forms.ChoiceField(
        label=_("Length"),
        initial="60",
        widget=forms.RadioSelect,
        choices=[
            ("30", _("30 minutes")),
            ("45", _("45 minutes")),
            ("60", _("1 hour")),
            ("90", _("1½ hours")),
            (OTHER, _("Other")),
        ],
    )
    teacherId = forms.CharField(
        max_length=128,
        label=_("Teacher’s id"),
        help_text=_("Filled in for you. Change it if your own system uses another id for you."),
    )
    isFixed = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = (
        *("title", "classId", "startTime", "length", "duration", "repeat", *repeat_form.REPEAT_FIELDS),
        *("strict", "roomUrl", "teacherId", "isFixed"),
    )

    def __init__(self, *args: Any, classes: list[ClassChoice], klass: Class | None, **options: Any) -> None:
        details = [detail for detail in options.pop("details", ()) if detail["code"] != repeat_form.CHECK_DATES]
        super().__init__(*args, details=details, **options)
        self.asks_about_past = any(detail["code"] == IN_PAST for detail in details)
        self.klass = klass
        self._choose_class(classes)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("If left empty, the title of the class.")
        self.fields["title"].widget.attrs.update({"autofocus": "", "placeholder": klass.title if klass else ""})
        self.fields["strict"].initial = True
        self.fields["duration"].label = _("Other length in minutes")

    def _choose_class(self, classes: list[ClassChoice]) -> None:
        if self.klass:
            self.fields["classId"].widget = self.fields["isFixed"].widget = forms.HiddenInput()
            self.initial["classId"], self.initial["isFixed"] = self.klass.pk, "1"
        else:
            first: list[tuple[str, str | Promise]] = [("", _("Choose a class…")), (NO_CLASS, _("No class"))]
            self.fields["classId"].choices = [*first, *((one.pk, one.label) for one in classes)]  # type: ignore[attr-defined]
            self._tell_zones({one.pk: one.zone for one in classes if one.zone})

    def _tell_zones(self, zones: Mapping[str, str]) -> None:
        self.fields["classId"].widget.zones = zones
        if zones:
            self.fields["startTime"].help_text = _("In the time zone of the class, if it has one, or else in UTC.")

    @property
    def when(self) -> FieldGroup:
        """What is scheduled, when, and whether it repeats."""
        return FieldGroup([self[name] for name in self.shown_fields if name not in (*AFTER_DATES, "teacherId")])

    @property
    def more(self) -> FieldGroup:
        return FieldGroup([self[name] for name in AFTER_DATES])

    @property
    def shown_fields(self) -> list[str]:
        """Names of the visible fields, in order, without those of a series, which the page shows by themselves."""
        return [field.name for field in self.visible_fields() if field.name not in repeat_form.REPEAT_FIELDS]

    @property
    def integrations(self) -> FieldGroup:
        return FieldGroup([self["teacherId"]])

    @property
    def past_start(self) -> str:
        """The start that the page asks about because it is in the past."""
        return _canonical(self.start) if self.asks_about_past else ""

    @property
    def start(self) -> datetime | None:
        """The moment that the form shows; None if it shows none."""
        value = self["startTime"].value()
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC)
        try:
            return moment_of(value or "", self.zone)
        except (ValueError, OverflowError):  # also a time that a change of clocks skips
            return None


def minutes_of(sent: Mapping[str, Any]) -> int | None:
    """The length that the form has; None for what is no length of a lesson."""
    text = str(sent.get("duration" if sent.get("length") == OTHER else "length", ""))
    is_number = text.isascii() and text.isdigit() and len(text) <= 4
    return int(text) if is_number and 1 <= int(text) <= MAX_DURATION_MINUTES else None


def times_in(sent: QueryDict | None) -> dict[str, Any]:
    """What was typed of when the lesson is, and whether it repeats; empty without a form that was sent."""
    if sent is None:
        return {}
    lists = {"weekday": sent.getlist("weekday")}
    return {name: sent.get(name, "") for name in TIMES} | lists


def is_sent(body: Any) -> bool:
    """Whether a body comes from the form."""
    return isinstance(body, QueryDict) and "length" in body


def body_of(sent: QueryDict, klass: Class | None) -> QueryDict:
    """The body of the call. `klass` is the chosen class. Raises ValidationError for what isn't chosen.

    A series of a class with a time zone repeats in it, and so does a start without an offset count.
    """
    zone = zone_of(klass)
    body = start_in_utc(sent, zone)
    if sent.get("length") != OTHER:
        body["duration"] = sent.get("length", "")
    for name in PAGE_FIELDS:
        body.pop(name, None)
    _set_recurrence(body, sent, zone)
    if not sent.get("classId"):
        raise _invalid("classId", _("Choose a class, or “No class”."), "required")
    if sent["classId"] == NO_CLASS:
        del body["classId"]
    _set_title(body, sent, klass)
    return body


def _set_recurrence(body: QueryDict, sent: QueryDict, zone: ZoneInfo | None) -> None:
    """How it repeats, in the time zone of the class, or else in the one that was sent."""
    if recurrence := repeat_form.recurrence_of(sent):
        body["recurrence"] = recurrence
        if zone:
            body["timeZone"] = zone.key
    else:
        body.pop("timeZone", None)


def _set_title(body: QueryDict, sent: QueryDict, klass: Class | None) -> None:
    """The title, by default that of the class. Raises ValidationError without both."""
    if not sent.get("title", "").strip():
        body["title"] = klass.title if klass else ""
    if not body["title"]:
        raise _invalid("title", _("Give the lesson a title."), "blank")


def ask_about_past(sent: Any, start: datetime) -> None:
    """Raises ValidationError for a start in the past, unless the person was asked about it before."""
    if start < timezone.now() - JUST_NOW and sent.get("confirmedStart") != _canonical(start):
        raise _invalid("startTime", _("This is in the past. Change it, or schedule the lesson anyway."), IN_PAST)


def _canonical(start: Any) -> str:
    return UtcDateTimeInput().format_value(start)


def _invalid(field: str, message: Any, code: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(str(message), code=code)]})
