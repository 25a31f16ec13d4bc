"""The API keys of a person, on their page in the admin site."""

from django.contrib import admin
from django.utils.safestring import SafeString

from apikeys.models import ApiKey
from tutorarc.staff.inlines import RecordInline
from tutorarc.staff.page_links import link


class KeysOfPerson(RecordInline):
    model = ApiKey
    fk_name = "owner"
    verbose_name, verbose_name_plural = "API key", "API keys"
    fields = ("key", "hint", "last_used_at", "expires_at", "revoked_at")
    ordering = ("-pk",)
    place = 1

    @admin.display(description="name")
    def key(self, key: ApiKey) -> SafeString:
        return link(key, key.name or "–")
