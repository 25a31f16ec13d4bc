"""Admin dashboard: pending requests, sessions, growth and unused keys. One query for each that the user may see."""

import json
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from apikeys.models import UNUSED_AFTER, ApiKey
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.clock import start_of, week_of
from tutorarc.jobs.health import WORKER_MISSING, is_worker_missing
from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.models.event_types import JOINED_TYPES
from tutorarc.staff.page_links import admin_url

WAITING_SHOWN = 10
DAYS_SHOWN = 30
PENDING_FILTERS = {
    "status__exact": "PENDING",
    "klass__status__exact": "ACTIVE",
    "o": "6",
}  # the sixth column, sorted by id

TICKS = {"color": "#757b94", "precision": 0}
CHART_OPTIONS = {
    "animation": False,
    "maintainAspectRatio": False,
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {"grid": {"display": False}, "ticks": {**TICKS, "maxTicksLimit": 8, "maxRotation": 0}},
        "y": {"grid": {}, "border": {"display": False}, "ticks": {**TICKS, "maxTicksLimit": 5}, "beginAtZero": True},
    },
}


class Card(NamedTuple):
    title: str
    value: int
    icon: str
    address: str


class Chart(NamedTuple):
    """Counts by day, as a chart and as text."""

    title: str
    counts: list[tuple[date, int]]

    @property
    def data(self) -> str:
        bars = {
            "label": self.title,
            "data": [count for _, count in self.counts],
            "backgroundColor": "var(--color-primary-500)",
            "borderRadius": 3,
            "categoryPercentage": 0.9,
        }
        return json.dumps({"labels": [f"{day:%-d %b}" for day, _ in self.counts], "datasets": [bars]})

    @property
    def options(self) -> str:
        return json.dumps(CHART_OPTIONS)

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def summary(self) -> str:
        busiest, most = max(self.counts, key=lambda counted: counted[1])
        if not self.total:
            return f"None in the last {len(self.counts)} days."
        return f"{self.total:,} in {len(self.counts)} days, most on {busiest:%-d %B}: {most:,}"


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's dashboard callback: adds `cards`, `waiting` and `charts` to the template context."""
    today = timezone.localdate()
    cards: list[Card] = []
    charts: list[Chart] = []
    if _may_see(request, Membership):
        cards.append(_count_of_waiting())
        context |= _waiting(request)
    if _may_see(request, LiveSession):
        _add_sessions(cards, charts, today)
    if _may_see(request, Membership):
        joined = Event.objects.numbered().filter(type__in=JOINED_TYPES).created_after(start_of(_first_day(today)))
        charts.append(Chart("New members a day", _last_days(_by_day(joined, "created_at"), today)))
    if _may_see(request, ApiKey):
        cards.append(_unused_keys())
    warnings = []
    if _may_see(request, Job):
        cards.append(_failed_work())
        warnings = _warnings()
    return context | {"title": "Home", "cards": cards, "charts": charts, "warnings": warnings}


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    return admin.site.get_model_admin(model).has_view_permission(request)


def _count_of_waiting() -> Card:
    return Card(
        "Waiting for approval",
        Membership.objects.waiting().count(),
        "hourglass_top",
        _list(Membership, **PENDING_FILTERS),
    )


def _waiting(request: HttpRequest) -> dict[str, Any]:
    """The oldest pending requests with the time of each request (its newest event)."""
    number_events()
    events = Event.objects.numbered().filter(class_id=OuterRef("klass_id"), user_id=OuterRef("user_id"))
    asked = events.filter(type__startswith="membership.").order_by("-position")
    members = Membership.objects.waiting().select_related("klass", "user")
    return {
        "waiting": members.annotate(since=Subquery(asked.values("created_at")[:1]))[:WAITING_SHOWN],
        "waiting_list": _list(Membership, **PENDING_FILTERS),
        "may_answer": admin.site.get_model_admin(Membership).has_change_permission(request),
    }


def _add_sessions(cards: list[Card], charts: list[Chart], today: date) -> None:
    monday, sunday = week_of(today)
    not_cancelled = LiveSession.objects.not_cancelled().starting_on(min(_first_day(today), monday), sunday)
    counts = _by_day(not_cancelled, "start_time")
    this_week = sum(count for day, count in counts.items() if day >= monday)
    cards += [
        Card("Sessions today", counts.get(today, 0), "today", _list(LiveSession, when="today", state="not_cancelled")),
        Card("Sessions this week", this_week, "date_range", _list(LiveSession, when="week", state="not_cancelled")),
    ]
    charts.append(Chart("Sessions a day", _last_days(counts, today)))


def _unused_keys() -> Card:
    unused = ApiKey.objects.unused_since(timezone.now() - UNUSED_AFTER).count()
    return Card(f"Keys unused for {UNUSED_AFTER.days} days", unused, "key_off", _list(ApiKey, use="unused"))


def _failed_work() -> Card:
    address = _list(Job, state=Job.State.FAILED.value)
    return Card("Failed jobs", Job.objects.failed().count(), "error", address)


def _warnings() -> list[str]:
    """What keeps background work from being done."""
    failing = EventConsumer.objects.exclude(failing_since=None)
    texts = [f"The event consumer “{one.name}” fails: {one.last_error}" for one in failing]
    return [f"{WORKER_MISSING} Start manage.py work.", *texts] if is_worker_missing() else texts


def _list(model: type[Model], **parameters: str) -> str:
    return f"{admin_url(model, 'changelist')}?{urlencode(parameters)}"


def _first_day(today: date) -> date:
    return today - timedelta(days=DAYS_SHOWN - 1)


def _by_day(rows: QuerySet[Any], field: str) -> dict[date, int]:
    return dict(rows.order_by().values_list(TruncDate(field)).annotate(Count("pk")))


def _last_days(counts: dict[date, int], today: date) -> list[tuple[date, int]]:
    days = [_first_day(today) + timedelta(days=number) for number in range(DAYS_SHOWN)]
    return [(day, counts.get(day, 0)) for day in days]
