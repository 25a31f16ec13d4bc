"""Settings of django-unfold, the theme of the admin site."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils import timezone

INDIGO = {
    "50": "#f3f5ff",
    "100": "#e9ecfb",
    "200": "#cfd6fa",
    "300": "#a9b6ff",
    "400": "#8f9ef8",
    "500": "#7383ec",
    "600": "#3b4fc4",
    "700": "#2d3ea3",
    "800": "#282f52",
    "900": "#222949",
    "950": "#161a30",
}
SLATE = {
    "50": "#f6f7fb",
    "100": "#eef0f7",
    "200": "#d9dce8",
    "300": "#c3c8da",
    "400": "#a9afc6",
    "500": "#656b85",
    "600": "#555b73",
    "700": "#343950",
    "800": "#242838",
    "900": "#1b1e2b",
    "950": "#12141d",
}


def _page(title: str, icon: str, kind: str) -> dict[str, Any]:
    """Sidebar link to a changelist, shown to users with permission to view it."""
    address = reverse_lazy(f"admin:{kind.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": address, "permission": _may_see(kind)}


def _may_see(kind: str) -> Callable[[HttpRequest], bool]:
    app, model = kind.split(".")
    return lambda request: any(request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))


def _is_superuser(request: HttpRequest) -> bool:
    return getattr(request.user, "is_superuser", False)


def _may_import(request: HttpRequest) -> bool:
    """Whether the user sees the list of imports: who may add and change what they write."""
    kinds = (("tutorarc", "user"), ("classes", "class"), ("members", "membership"))
    return any(request.user.has_perms([f"{app}.add_{kind}", f"{app}.change_{kind}"]) for app, kind in kinds)


def icon(_request: HttpRequest) -> str:
    return static("tutorarc/icon.svg")


def zone_of_times(_request: HttpRequest) -> str:
    """Below the name of the site: the zone in which all pages show times."""
    return f"Times: {timezone.get_current_timezone_name()}"


NAVIGATION: list[dict[str, Any]] = [
    {"items": [{"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")}]},
    {
        "title": "School",
        "separator": True,
        "items": [
            _page("People", "person", "tutorarc.user"),
            _page("Classes", "school", "classes.class"),
            _page("Memberships", "group", "members.membership"),
            _page("Live sessions", "videocam", "live_sessions.livesession"),
            _page("Series", "repeat", "live_sessions.series") | {"permission": _may_see("live_sessions.livesession")},
            _page("Imports", "upload_file", "imports.import") | {"permission": _may_import},
        ],
    },
    {
        "title": "Access",
        "separator": True,
        "items": [
            _page("API keys", "key", "apikeys.apikey"),
            _page("Security events", "policy", "tutorarc.securityevent"),
            _page("Events", "manage_search", "tutorarc.event"),
            _page("Groups", "admin_panel_settings", "auth.group") | {"permission": _is_superuser},
        ],
    },
    {
        "title": "System",
        "separator": True,
        "items": [
            _page("Jobs", "pending_actions", "jobs.job"),
            _page("Event consumers", "dynamic_feed", "jobs.eventconsumer"),
            _page("Webhooks", "webhook", "webhooks.endpoint"),
            _page("Deliveries", "outbound", "webhooks.delivery"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "TutorArc staff",
    "SITE_HEADER": "TutorArc",
    "SITE_SUBHEADER": zone_of_times,
    "SITE_ICON": icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": INDIGO, "base": SLATE},
    "STYLES": [lambda _request: static("tutorarc/staff.css")],
    "SCRIPTS": [lambda _request: static("tutorarc/staff.js")],
    "DASHBOARD_CALLBACK": "tutorarc.site.dashboard.show",
    "SIDEBAR": {"navigation": NAVIGATION},
}
