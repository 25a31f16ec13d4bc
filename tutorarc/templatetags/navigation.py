"""Which entries of the navigation a page belongs to."""

from typing import Any

from django import template

register = template.Library()

SECTIONS = (
    ("/api/v1/classes", "classes"),
    ("/classes/", "classes"),
    ("/j/", "classes"),
    ("/api/v1/sessions", "calendar"),
    ("/lessons/", "calendar"),
    ("/api/v1/me/calendar", "calendar"),
    ("/api/v1/users", "users"),
    ("/developers/", "developers"),
    ("/developers/keys", "api_keys"),
    ("/developers/webhooks", "webhooks"),
    ("/api/docs", "developers"),
    ("/api/docs", "reference"),
    ("/accounts/", "account"),
    ("/accounts/2fa/", "factors"),
    ("/accounts/data", "data"),
    ("/accounts/delete", "data"),
)


@register.simple_tag(takes_context=True)
def nav_section(context: Any) -> dict[str, bool]:
    """The sections that this page belongs to, such as `{"classes": True}`.

    A page whose address doesn't tell says it in its context: `"section": "classes"`.
    """
    if "section" in context:
        return {context["section"]: True}
    path = context["request"].path
    return {name: True for start, name in SECTIONS if path.startswith(start)}
