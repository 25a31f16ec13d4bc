"""The security log in the admin site: read-only, for superusers and those with the permission to view it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.utils import parse_date_str

from tutorarc.db.ids import first_id_from
from tutorarc.domain.clock import start_of
from tutorarc.models import SecurityEvent, User
from tutorarc.models.security_event import PREFIX
from tutorarc.staff.base import AutocompleteSelectFilter, RecordAdmin, moment
from tutorarc.staff.page_links import admin_url, person_link, two_lines

LABELS = {"api_key": "API key", "import_id": "import"}  # of details; others are their names
RECORDS = {  # details that are ids, and the pages of these records
    "api_key": "admin:apikeys_apikey_change",
    "webhook": "admin:webhooks_endpoint_change",
    "import_id": "admin:imports_import_change",
}
DAY = timedelta(days=1)
LAST_DAY = datetime.max.replace(tzinfo=UTC) - DAY  # no day comes after the year 9999


class DaysFilter(RangeDateFilter):
    """Events from one day to another, both included. As a range of ids, which are indexed."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[SecurityEvent]) -> QuerySet[SecurityEvent]:
        if first := self._day("from"):
            queryset = queryset.filter(pk__gte=first_id_from(PREFIX, first))
        if (last := self._day("to")) and last < LAST_DAY:
            queryset = queryset.filter(pk__lt=first_id_from(PREFIX, last + DAY))
        return queryset

    def _day(self, end: str) -> datetime | None:
        """The beginning of a day; None if it was left empty or can't be read."""
        text = self.used_parameters.get(f"{self.parameter_name}_{end}")
        day = parse_date_str(text) if isinstance(text, str) else None
        return start_of(day) if day else None


@admin.register(SecurityEvent)
class SecurityEventAdmin(RecordAdmin):
    csv_columns = (
        "id",
        "created_at",
        "kind",
        ("person", lambda event: event.user and event.user.email),
        ("by", lambda event: event.actor and event.actor.email),
        ("api_key", lambda event: event.credential),
        "address",
        "browser",
        "request_id",
        ("details", lambda event: json.dumps(event.details, ensure_ascii=False)),
        "times",
        "last_at",
    )
    list_display = ("when", "kind", "person", "by", "client", "what", "times")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("user", AutocompleteSelectFilter),
        ("actor", AutocompleteSelectFilter),
        ("created_at", DaysFilter),
    )
    further_lookups = frozenset({"created_at_from", "created_at_to"})
    list_select_related = ("user", "actor")
    search_fields = ("address", "request_id", "user__email", "user__display_name")
    search_help_text = "Client address, request id or person"
    ordering = ("-id",)
    sortable_by = ("when",)
    details = ("id", "when", "kind", "person", "by", "credential", "address", "browser", "request_id", "what")
    counts = ("times", "last_at")
    fieldsets = ((None, {"fields": details}), ("Counted together", {"fields": counts}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.details, *self.counts)

    @admin.display(description="time", ordering="id")
    def when(self, event: SecurityEvent) -> str:
        return moment(event.created_at)

    @admin.display(description="person", empty_value="–")
    def person(self, event: SecurityEvent) -> SafeString | None:
        return person_link(event.user) if event.user else None

    @admin.display(description="by", empty_value="–")
    def by(self, event: SecurityEvent) -> SafeString | None:
        return person_link(event.actor) if event.actor else None

    @admin.display(description="address")
    def client(self, event: SecurityEvent) -> SafeString:
        return two_lines(event.address or "–", event.browser)

    @admin.display(description="details", empty_value="–")
    def what(self, event: SecurityEvent) -> SafeString:
        details = sorted(event.details.items())
        lines = format_html_join("; ", "{}: {}", ((_label(name), _text(name, value)) for name, value in details))
        return format_html("<span>{}</span>", lines)  # one item of the grid that a cell is on a small screen


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _text(name: str, value: Any) -> str | SafeString:
    """A detail in words: a link in place of an id, and a time like every other."""
    if name in RECORDS and value:
        return format_html(
            '<a class="text-link underline" href="{}">its page</a>', reverse(RECORDS[name], args=[value])
        )
    if name == "expires_at" and value:
        return moment(parse_datetime(value))
    return ", ".join(value) if isinstance(value, list) else str(value)


def security_log_link(person: User) -> SafeString:
    """Link to the events about a person."""
    address = admin_url(SecurityEvent, "changelist")
    query = urlencode({"user__id__exact": person.pk})
    return format_html('<a class="text-link underline" href="{}?{}">Security events</a>', address, query)
