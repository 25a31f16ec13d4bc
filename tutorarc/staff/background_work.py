"""Background work in the admin site: jobs and why they failed, and the consumers of events."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from tutorarc.domain.redaction import redact
from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.jobs.registry import KINDS, kind_in_words
from tutorarc.staff.base import RadioFilter, RecordAdmin, label, moment

LONGEST_REASON = 200  # in the list
LONGEST_VALUE = 100  # of the payload


class ReadOnlyAdmin(RecordAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.details

    def edit(self, request: HttpRequest, row: Any, changes: dict[str, Any]) -> Any:
        return row  # those who may use the actions may send the form too, which has no fields

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **options)


class StateFilter(RadioFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return Job.State.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_state(self.value()) if self.value() in Job.State.values else queryset


class KindFilter(RadioFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return [(kind, kind_in_words(kind)) for kind in sorted(KINDS)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    csv_columns = ("id", "kind", "state", "created_at", "due_at", "attempts", "last_error", "worker")
    list_display = ("what", "status", "created_at", "due", "attempts", "reason")
    list_filter = (StateFilter, KindFilter)
    search_fields = ("kind", "last_error")
    search_help_text = "Kind, reason or id"
    ordering = ("-id",)
    sortable_by = ("created_at",)
    details = ("id", "what", "status", "about", "created_at", "due", "attempts", "last_error", "worker", "done_at")
    fieldsets = ((None, {"fields": details}),)
    actions = ("try_again",)

    def offered(self, request: HttpRequest, row: Job) -> tuple[str, ...]:
        return ("try_again",) if row.state == Job.State.FAILED else ()

    @admin.display(description="kind")
    def what(self, job: Job) -> str:
        return kind_in_words(job.kind)

    @admin.display(description="state")
    def status(self, job: Job) -> SafeString:
        return label(job.state.label)

    @admin.display(description="due")
    def due(self, job: Job) -> str:
        return moment(job.due_at if job.is_open else None)

    @admin.display(description="reason", empty_value="–")
    def reason(self, job: Job) -> str:
        return Truncator(job.last_error).chars(LONGEST_REASON)

    @admin.display(description="about")
    def about(self, job: Job) -> str:
        """The payload, without long values: they may be encrypted texts."""
        short = {name: Truncator(json.dumps(value)).chars(LONGEST_VALUE) for name, value in job.payload.items()}
        return redact("; ".join(f"{name}: {value}" for name, value in short.items()))

    @admin.action(description="Try again", permissions=["change"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        jobs = list(queryset)
        self.each(request, jobs, Job.try_again, "queued again", of=len(jobs))


@admin.register(EventConsumer)
class EventConsumerAdmin(ReadOnlyAdmin):
    """What follows from events, and whether one of these functions fails."""

    csv_columns = ("name", "position", "failing_since", "last_error")
    list_display = ("name", "position", "failing_since", "last_error")
    search_fields = ("name",)
    search_help_text = "Name"
    ordering = ("name",)
    details = ("name", "position", "failing_since", "last_error", "retry_at")
    fieldsets = ((None, {"fields": details}),)
