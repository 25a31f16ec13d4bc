"""API keys in the admin site: create, view and revoke. The secret is shown on one page, once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from apikeys.given_access import keys_of_others
from apikeys.history import API_KEY_HISTORY
from apikeys.inlines import KeysOfPerson
from apikeys.models import UNUSED_AFTER, ApiKey
from tutorarc.api.scopes import SCOPES
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User
from tutorarc.staff.base import AutocompleteSelectFilter, RadioFilter, RecordAdmin, widgets
from tutorarc.staff.event_filters import EventFilter, register_event_filter
from tutorarc.staff.given_access import register_given_access
from tutorarc.staff.history_registry import register_history
from tutorarc.staff.inlines import register_inlines
from tutorarc.staff.page import admin_page
from tutorarc.staff.page_links import person_link

register_history(API_KEY_HISTORY)
register_event_filter("key", EventFilter("With the API key", "actor_key_id", ApiKey._meta.get_field("replaces")))
register_inlines(User, KeysOfPerson)
register_given_access(keys_of_others)


class NewKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiKey
        fields = ("owner", "name", "scopes", "expires_at")


class UsageFilter(RadioFilter):
    title = "use"
    parameter_name = "use"

    def lookups(self, *args: Any) -> list[tuple[str, str]]:
        return [
            ("usable", "Usable"),
            ("unused", f"Usable, unused for {UNUSED_AFTER.days} days"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        if self.value() == "usable":
            return queryset.usable()
        if self.value() == "unused":
            return queryset.unused_since(now - UNUSED_AFTER)
        if self.value() == "expired":
            return queryset.filter(expires_at__lte=now, revoked_at=None)
        return queryset.filter(revoked_at__isnull=False) if self.value() == "revoked" else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(RecordAdmin):
    csv_columns = (
        "id",
        ("owner", lambda key: key.owner.email),
        "name",
        "hint",
        ("scopes", lambda key: " ".join(key.scopes)),
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    add_form = NewKeyForm
    list_display = ("name", "person", "hint", "expires_at", "last_used_at", "revoked_at")
    list_filter = (UsageFilter, ("owner", AutocompleteSelectFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "hint", "owner__email", "owner__display_name")
    search_help_text = "Name, hint, id or owner"
    ordering = ("-id",)
    autocomplete_fields = ("owner",)
    details = ("name", "person", "hint", "scope_list", "created_at", "expires_at", "last_used_at", "revoked_at")
    fieldsets = ((None, {"fields": details}),)
    add_fieldsets = ((None, {"fields": ("owner", "name", "scopes", "expires_at")}),)
    actions = ("revoke",)
    asks_first = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keys can be revoked by the action, but never edited."""
        return obj is None and super().has_change_permission(request)

    def offered(self, request: HttpRequest, row: ApiKey) -> tuple[str, ...]:
        return () if row.revoked_at else ("revoke",)

    @admin.display(description="owner", ordering="owner__display_name")
    def person(self, key: ApiKey) -> SafeString:
        return person_link(key.owner)

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        return "all" if set(key.scopes) == set(SCOPES) else ", ".join(key.scopes)

    def create(self, request: HttpRequest, values: dict[str, Any]) -> ApiKey:
        require_confirmation(request)
        if not signed_in_user(request).may_manage_account(values["owner"]):
            raise ValidationError({"owner": "Only a superuser can create a key for staff or an administrator."})
        key, secret = ApiKey.objects.issue(by=self.actor(request), **values)
        messages.success(request, f"Copy this key now, it can't be shown again: {secret}")
        return key

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """Render the secret in this response: a redirect would store the message in a cookie or the session table."""
        return admin_page(self, request, "admin/apikeys/apikey/issued.html", title="API key issued", key=obj)

    @admin.action(description="Revoke: permanently, from the next request on", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        keys = list(queryset)

        def changed(key: ApiKey) -> bool:
            was_revoked = key.revoked_at
            return key.revoke(self.actor(request)).revoked_at != was_revoked

        self.each(request, keys, changed, "revoked", of=len(keys))
