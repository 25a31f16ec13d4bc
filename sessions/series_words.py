"""What pages say about the series of a lesson: how often it repeats, and which one of it this is."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.models import LiveSession, Series
from sessions.recurrence.rules import Frequency, Rule, parse


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


def _page(session: LiveSession) -> str:
    return reverse("session-detail", args=[session.pk])


def _repeats(series: Series, session: LiveSession) -> str:
    """Empty for a lesson that was moved to a time at which the series doesn't repeat."""
    rule, is_moved = parse(series.rule), session.is_moved_by_hand
    day = session.start_time.astimezone(series.zone).weekday()
    if is_moved or (rule.frequency != Frequency.MONTHLY and day not in _weekdays(rule, series.start_time, series.zone)):
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
