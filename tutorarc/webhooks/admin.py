"""Webhooks in the admin site: whether they work, and what came of each delivery. Secrets are not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tutorarc.staff.background_work import ReadOnlyAdmin
from tutorarc.staff.base import AutocompleteSelectFilter, ChoicesRadioFilter, label
from tutorarc.staff.given_access import register_given_access
from tutorarc.staff.groups import register_rights
from tutorarc.staff.page_links import person_link
from tutorarc.webhooks.given_access import active_webhooks
from tutorarc.webhooks.models import Delivery, Endpoint

register_rights(Endpoint, Delivery)
register_given_access(active_webhooks)


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    csv_columns = (
        "id",
        ("owner", lambda endpoint: endpoint.owner.email),
        "host",
        "description",
        ("event_types", lambda endpoint: " ".join(endpoint.event_types)),
        "class_id",
        "state",
        "disabled_reason",
        "disabled_at",
        "failing_since",
        "created_at",
    )
    list_display = ("host", "person", "status", "disabled_reason", "failing_since", "description")
    list_filter = (("state", ChoicesRadioFilter), ("owner", AutocompleteSelectFilter))
    list_select_related = ("owner",)
    search_fields = ("description", "owner__email", "owner__display_name")
    search_help_text = "Description, id or owner"
    ordering = ("-id",)
    sortable_by = ("failing_since",)
    details = (
        *("id", "host", "person", "description", "types", "class_id", "created_at"),
        *("status", "disabled_reason", "disabled_at", "failing_since", "paused_until"),
    )
    fieldsets = ((None, {"fields": details}),)
    actions = ("disable",)
    asks_first = ("disable",)

    def offered(self, request: HttpRequest, row: Endpoint) -> tuple[str, ...]:
        return ("disable",) if row.is_active else ()

    @admin.display(description="owner")
    def person(self, endpoint: Endpoint) -> SafeString:
        return person_link(endpoint.owner)

    @admin.display(description="state")
    def status(self, endpoint: Endpoint) -> SafeString:
        return label(endpoint.state)

    @admin.display(description="event types")
    def types(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.event_types) or "all"

    @admin.action(description="Disable: send no more events", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        endpoints = list(queryset)

        def changed(endpoint: Endpoint) -> bool:
            return endpoint.is_active and not endpoint.disable(self.actor(request)).is_active

        self.each(request, endpoints, changed, "disabled", of=len(endpoints))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    csv_columns = (
        *("id", "endpoint_id", "event_id", "event_type", "status", "attempts", "created_at", "last_attempt_at"),
        *("response_status", "duration_ms", "error"),
    )
    list_display = ("event_type", "host", "state", "attempts", "last_attempt_at", "response_status", "error")
    list_filter = (("status", ChoicesRadioFilter),)
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__description",)
    search_help_text = "Description of the webhook, or id"
    ordering = ("-id",)
    sortable_by = ()
    details = (
        *("id", "event_id", "event_type", "host", "state", "created_at", "attempts", "last_attempt_at", "due_at"),
        *("response_status", "duration_ms", "error"),
    )
    fieldsets = ((None, {"fields": details}),)

    @admin.display(description="webhook")
    def host(self, delivery: Delivery) -> str:
        return delivery.endpoint.host

    @admin.display(description="status")
    def state(self, delivery: Delivery) -> SafeString:
        return label(delivery.status)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
