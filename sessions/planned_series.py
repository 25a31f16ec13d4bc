"""The dates on the form to schedule a series: of what was typed, whatever is wrong with other fields."""

from contextlib import suppress
from typing import Any

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from sessions.recurrence.rules import parse
from sessions.repeat_form import WEEKLY, proposal, proposed_dates, recurrence_of, shown_before
from sessions.schedule_form import ScheduleForm, minutes_of
from sessions.series_fields import with_starts
from tutorarc.domain.errors import DomainError
from tutorarc.domain.time_zones import shown_zone
from tutorarc.models import User

HOUR = 60


def set_dates(form: ScheduleForm, sent: QueryDict, user: User, *, is_asked: bool) -> None:
    """Let the form show the dates of its series, if it asks to check them, or if it showed dates when it was sent.

    While the typed times make no series, the former dates stay with what is ticked. The focus is on shown dates.
    """
    if sent.get("repeat") != WEEKLY:
        return
    shows_dates = is_asked or "datesOf" in sent
    if shows_dates:
        form.fields["title"].widget.attrs.pop("autofocus", None)
    if series := _series_of(form, sent, user):
        form.planned = proposed_dates(sent, series["starts"], series["duration"])
        if shows_dates:
            form.dates, form.dates_of = form.planned, proposal(series)
    elif shows_dates:
        form.dates = proposed_dates(sent, shown_before(sent), minutes_of(sent) or HOUR)
        form.dates_of = sent.get("datesOf", "")


def _series_of(form: ScheduleForm, sent: QueryDict, user: User) -> dict[str, Any] | None:
    """`rule`, `time_zone`, `starts` and `duration` of the typed series; None for what is no series."""
    start, minutes, zone = form.start, minutes_of(sent), form.zone or shown_zone(sent.get("timeZone", ""))
    if start is None or minutes is None or zone is None:
        return None
    with suppress(ValidationError, DomainError):
        rule = str(parse(recurrence_of(sent)))
        return with_starts({"rule": rule, "time_zone": zone.key, "start_time": start, "duration": minutes}, user)
    return None
