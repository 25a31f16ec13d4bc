"""What pages say about the series of a lesson: how often it repeats, and which one of it this is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions.models import LiveSession, Scope, Series
from sessions.recurrence.rules import Frequency, Rule, parse

OTHERS_ONLY = {
    "partial_update": gettext_lazy(
        "The other lessons were changed. This one was moved on its own, so it stays as it is."
    ),
    "cancel": gettext_lazy("The other lessons were cancelled. This one was moved on its own, so it still takes place."),
}


@dataclass(frozen=True)
class Place:
    """Which one of its series a lesson is. `previous` and `following` are addresses of pages; empty without one."""

    repeats: str
    number: int
    count: int
    all: str
    previous: str
    following: str


def place_of(session: LiveSession) -> Place | None:
    """In the order of their starts, cancelled ones included; None for a lesson of no series. Makes one query."""
    if session.series_id is None:
        return None
    lessons = LiveSession.objects.filter(series=session.series_id).select_related("series").order_by("start_time", "pk")
    rows = list(lessons.only("pk", "series__rule", "series__start_time", "series__time_zone"))
    index = next(index for index, one in enumerate(rows) if one.pk == session.pk)
    series = rows[index].series
    return Place(
        repeats=_repeats(series, session) if series else "",
        number=index + 1,
        count=len(rows),
        all=reverse("session-list", query={"seriesId": session.series_id}),
        previous=_page(rows[index - 1]) if index else "",
        following=_page(rows[index + 1]) if index + 1 < len(rows) else "",
    )


def only_others_changed(action: str, view: Any, sent: Mapping[str, Any] | None) -> Any:
    """What a page says after an action for all lessons of a series that has left out the one it shows; else empty."""
    if action in OTHERS_ONLY and (sent or {}).get("scope") == Scope.ALL and view.session.is_moved_by_hand:
        return OTHERS_ONLY[action]
    return ""


def _page(session: LiveSession) -> str:
    return reverse("session-detail", args=[session.pk])


def _repeats(series: Series, session: LiveSession) -> str:
    """Empty for a lesson that was moved to a time at which the series doesn't repeat."""
    if session.is_moved_by_hand:  # perhaps to a day that the time zone of the series does not have
        return ""
    rule, day = parse(series.rule), session.start_time.astimezone(series.zone).weekday()
    if rule.frequency != Frequency.MONTHLY and day not in _weekdays(rule, series.start_time, series.zone):
        return ""
    return in_words(rule, series.start_time, series.zone)


def in_words(rule: Rule, first: datetime, zone: ZoneInfo) -> str:
    """Every Tuesday and Thursday; every 2 weeks on Tuesday; every month."""
    number = rule.interval
    if rule.frequency == Frequency.MONTHLY:
        return ngettext("Every month", "Every {number} months", number).format(number=number)
    days = get_text_list([str(WEEKDAYS[day]) for day in _weekdays(rule, first, zone)], _("and"))
    if rule.frequency == Frequency.DAILY and not rule.days:
        return ngettext("Every day", "Every {number} days", number).format(number=number)
    if number == 1:
        return _("Every {days}").format(days=days)
    if rule.frequency == Frequency.DAILY:
        return _("Every {number} days on {days}").format(number=number, days=days)
    return _("Every {number} weeks on {days}").format(number=number, days=days)


def _weekdays(rule: Rule, first: datetime, zone: ZoneInfo) -> list[int]:
    if rule.frequency == Frequency.DAILY and not rule.days:
        return list(range(7))
    return [day.weekday for day in rule.days] or [first.astimezone(zone).weekday()]
