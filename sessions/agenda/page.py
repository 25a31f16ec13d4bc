"""The page `/calendar`: the coming week of the user by day, and months to page through."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions.agenda.lessons import MOST_SHOWN, Day, days_with, lessons_between
from sessions.agenda.months import Month, first_weekday
from sessions.agenda.parts import CALENDAR_PARTS
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User

WEEK = timedelta(days=7)


@require_safe
@login_required
@never_cache
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The coming week and this month; with `?month=2026-12` that month alone. Raises Http404 for a malformed one."""
    user, now = signed_in_user(request), timezone.now()
    chosen = _chosen_month(request)
    context: dict[str, Any] = {
        "title": _("Calendar"),
        "parts": CALENDAR_PARTS.fill(user),
        "week": None if chosen else _week(user, now),
        **_month(user, chosen or Month.of(timezone.localdate(now)), now, first_weekday(request)),
    }
    return render(request, "sessions/agenda/calendar.html", context)


def _chosen_month(request: HttpRequest) -> Month | None:
    if "month" not in request.GET:
        return None
    try:
        return Month.named(request.GET["month"])
    except ValueError:
        raise Http404 from None


def _week(user: User, now: datetime) -> list[Day]:
    """The days with lessons among the seven that begin today."""
    today = timezone.localdate(now)
    dates = [today + timedelta(days=number) for number in range(WEEK.days)]
    lessons = lessons_between(user, dates[0], dates[-1])
    return [day for day in days_with(user, _days(dates, today), lessons, now) if day.entries]


def _month(user: User, month: Month, now: datetime, weekday: int) -> dict[str, Any]:
    today = timezone.localdate(now)
    lessons = list(lessons_between(user, month.first, month.last))
    days = _days(list(month.days(weekday)), today, month)
    return {
        "month": month,
        "days": days_with(user, days, lessons[:MOST_SHOWN], now),
        "has_lessons": bool(lessons),
        "most_shown": MOST_SHOWN if len(lessons) > MOST_SHOWN else 0,
        "is_this_month": month == Month.of(today),
    }


def _days(dates: list[date], today: date, month: Month | None = None) -> list[Day]:
    return [Day(day, day == today, in_month=month is None or month == Month.of(day)) for day in dates]
