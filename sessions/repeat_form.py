"""The part of the form to schedule lessons that makes a series: days of the week, an end, and the dates to choose from.

The dates are shown before anything is created: the first time that the form is sent, it comes back with all of them,
and the second time it says which ones are kept.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from sessions.recurrence.occurrences import starts_of
from sessions.recurrence.rules import MAX_SESSIONS, parse
from sessions.recurrence.rules import WEEKDAYS as NAMES
from tutorarc.api.html_forms import LAST_DAY, ActionForm
from tutorarc.domain.clock import datetime_text, parse_datetime
from tutorarc.domain.time_zones import shown_zone

WEEKLY = "weekly"
REPEAT_FIELDS = ("weekday", "until", "times")  # shown only for a lesson that repeats
PAGE_FIELDS = ("repeat", *REPEAT_FIELDS, "date", "datesOf")
CHECK_DATES = "check_dates"
# By the code of an error: the field of this form that shows it, and what it says there.
ERRORS: dict[str, dict[str, str | Promise]] = {
    "too_many_sessions": {"field": "until", "message": _("A series has at most 200 lessons. Choose an earlier day.")},
    "no_sessions": {"field": "until", "message": _("There is no lesson until this day. Choose a later one.")},
}


class RepeatForm(ActionForm):
    """Fields of a lesson that repeats."""

    repeat = forms.ChoiceField(
        label=_("Repeat"),
        initial="",
        widget=forms.RadioSelect,
        choices=[("", _("Does not repeat")), (WEEKLY, _("Weekly"))],
    )
    weekday = forms.MultipleChoiceField(
        label=_("On these days"),
        help_text=_("If you choose none, on the day of the first lesson."),
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, WEEKDAYS[number]) for number, name in enumerate(NAMES)],
    )
    until = forms.CharField(label=_("Until"), widget=forms.DateInput({"type": "date", "max": LAST_DAY}))
    times = forms.IntegerField(
        label=_("Or this number of lessons"),
        widget=forms.NumberInput({"min": 1, "max": MAX_SESSIONS, "inputmode": "numeric"}),
    )
    timeZone = forms.CharField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class ProposedDate:
    """One lesson of the series, as it would be made. `value` is what the form sends for it."""

    start: datetime
    end: datetime
    value: str
    is_kept: bool


def recurrence_of(sent: QueryDict) -> str:
    """The recurrence rule that was chosen, as text; empty for one lesson. Raises ValidationError."""
    if sent.get("repeat") != WEEKLY:
        return ""
    days = [name for name in NAMES if name in sent.getlist("weekday")]
    on = [f"BYDAY={','.join(days)}"] if days else []
    return ";".join(["FREQ=WEEKLY", *on, _end_of(sent.get("until", "").strip(), sent.get("times", "").strip())])


def _end_of(until: str, times: str) -> str:
    if bool(until) == bool(times):
        raise _invalid("until", _("Choose either the last day or the number of lessons."), "required")
    if times:
        if not (times.isascii() and times.isdigit() and len(times) < 4 and 1 <= int(times) <= MAX_SESSIONS):
            raise _invalid("times", _("Give a whole number from 1 to 200."), "invalid")
        return f"COUNT={int(times)}"
    try:
        last = date.fromisoformat(until)
    except ValueError:
        raise _invalid("until", _("Pick a day."), "invalid") from None
    return f"UNTIL={last.isoformat().replace('-', '')}"


def proposal(fields: dict[str, Any]) -> str:
    """The series that the dates belong to, as text. Dates of another one are asked for again."""
    return f"{fields['rule']} {fields['time_zone']} {datetime_text(fields['starts'][0])}"


def kept_starts(sent: QueryDict, fields: dict[str, Any]) -> list[datetime]:
    """The dates that stayed ticked. Raises ValidationError if they were not shown yet, or if none is ticked."""
    kept = set(sent.getlist("date"))
    if sent.get("datesOf") != proposal(fields):
        raise _invalid("repeat", _("Check the dates."), CHECK_DATES)
    if starts := [start for start in fields["starts"] if datetime_text(start) in kept]:
        return starts
    raise _invalid("repeat", _("Keep at least one of the dates."), "required")


def proposed_dates(sent: QueryDict, starts: Sequence[datetime], minutes: int) -> Sequence[ProposedDate]:
    """The dates without a tick where the page had one that was taken away; new ones are ticked."""
    unticked, length = _unticked(sent), timedelta(minutes=minutes)
    dates = ((start, datetime_text(start)) for start in starts)
    return [ProposedDate(start, start + length, text, text not in unticked) for start, text in dates]


def _unticked(sent: QueryDict) -> set[str]:
    kept = set(sent.getlist("date"))
    return {text for start in shown_before(sent) if (text := datetime_text(start)) not in kept}


def shown_before(sent: QueryDict) -> list[datetime]:
    """The dates that the page had when the form was sent; none without a series."""
    with suppress(ValueError):  # also SkippedTimes and InvalidRule
        rule, name, first = sent.get("datesOf", "").split(" ")
        zone = shown_zone(name)
        return starts_of(parse(rule), parse_datetime(first), zone) if zone else []
    return []


def _invalid(field: str, message: Any, code: str) -> ValidationError:
    return ValidationError({field: [ErrorDetail(str(message), code=code)]})
