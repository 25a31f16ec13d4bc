"""The time zone in which pages show times: the one of the account, else that of the browser, else UTC."""

from collections.abc import Callable
from contextlib import suppress
from datetime import tzinfo
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tutorarc.domain import time_zones
from tutorarc.domain.events import Actor
from tutorarc.http.overload import MONITORING
from tutorarc.models import User

COOKIE = "timezone"  # set by site.js


def zone_of_browser(request: HttpRequest) -> str:
    """The name in the browser's cookie; empty if it is missing or unknown."""
    with suppress(ValidationError):
        return time_zones.known(request.COOKIES.get(COOKIE, ""))
    return ""


def zone_of_reader(request: HttpRequest) -> tzinfo:
    """Makes no query for somebody who is not signed in."""
    is_signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
    name = getattr(request.user, "time_zone", "") if is_signed_in else ""
    return zone_named(name or zone_of_browser(request))


def zone_named(name: str) -> tzinfo:
    """UTC for an empty name, and for one that this server doesn't know."""
    return time_zones.shown_zone(name) or timezone.get_default_timezone()


class ReaderZoneMiddleware:
    """Show times in the reader's zone. The API's times are in UTC: its pages are rendered by `PageRenderer`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/v1/") or request.path in MONITORING:
            return self.get_response(request)
        with timezone.override(zone_of_reader(request)):
            return self.get_response(request)


@receiver(user_logged_in)
def take_zone_of_browser(request: Any, user: User, **_: Any) -> None:
    """The first sign-in in a browser gives the account a time zone, also for the times in mails."""
    if not user.time_zone and (zone := zone_of_browser(request)):
        user.time_zone = user.edit(Actor(user), time_zone=zone).time_zone
