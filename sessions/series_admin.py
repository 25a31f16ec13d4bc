"""Series of live sessions in the admin site: read-only, because all changes are those of their sessions."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from sessions.inlines import SessionsOfSeries
from sessions.models import LiveSession, Series
from sessions.recurrence.rules import parse
from sessions.series_words import in_words
from tutorarc.staff.background_work import ReadOnlyAdmin
from tutorarc.staff.base import AutocompleteSelectFilter, moment
from tutorarc.staff.inlines import register_inlines
from tutorarc.staff.page_links import class_link, person_link

RIGHTS = [f"{LiveSession._meta.app_label}.{verb}_livesession" for verb in ("view", "change")]

register_inlines(Series, SessionsOfSeries)


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """For staff who may see live sessions."""

    csv_columns = (
        "id",
        "title",
        "start_time",
        "duration",
        "rule",
        "time_zone",
        ("class_code", lambda series: series.klass and series.klass.class_code),
        ("created_by", lambda series: series.created_by.email),
        "created_at",
    )
    list_display = ("title", "repeats", "ends", "first_session", "time_zone", "class_", "creator")
    list_filter = (("klass", AutocompleteSelectFilter), ("created_by", AutocompleteSelectFilter))
    list_select_related = ("klass", "created_by")
    search_fields = ("title", "klass__title", "created_by__email", "created_by__display_name")
    search_help_text = "Title, id, class or creator"
    ordering = ("-id",)
    sortable_by = ("title",)
    details = (
        *("id", "title", "repeats", "ends", "time_zone", "rule", "first_session", "duration"),
        *("class_", "creator", "created"),
    )
    fieldsets = ((None, {"fields": details}),)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(request.user.has_perm(right) for right in RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="repeats")
    def repeats(self, series: Series) -> str:
        """Every Tuesday at 16:00, in the time zone of the series."""
        start = series.start_time.astimezone(series.zone)
        return f"{in_words(parse(series.rule), series.start_time, series.zone)} at {start:%H:%M}"

    @admin.display(description="ends")
    def ends(self, series: Series) -> str:
        """After 12 sessions; 18 December 2036."""
        rule = parse(series.rule)
        if rule.count:
            return "After 1 session" if rule.count == 1 else f"After {rule.count} sessions"
        last = rule.until
        day = last.astimezone(series.zone) if isinstance(last, datetime) else last
        return date_format(day, "j F Y") if day else ""

    @admin.display(description="first session")
    def first_session(self, series: Series) -> str:
        return moment(series.start_time)

    @admin.display(description="created")
    def created(self, series: Series) -> str:
        return moment(series.created_at)

    @admin.display(description="class", empty_value="–")
    def class_(self, series: Series) -> SafeString | None:
        return class_link(series.klass) if series.klass else None

    @admin.display(description="created by")
    def creator(self, series: Series) -> SafeString:
        return person_link(series.created_by)
