"""Refused pages of the admin site, for the security log."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from tutorarc.domain.events import Actor
from tutorarc.http.access_log import readable_route
from tutorarc.http.security_headers import ADMIN_SITE
from tutorarc.models import SecurityEvent, SecurityEventKind, User

ID = re.compile(r"[a-z]+_[0-9a-hjkmnp-tv-z]{26}", re.ASCII)


class RefusedPagesMiddleware:
    """Record pages of the admin site that were refused to a signed-in person with 403.

    Outside of the view, whose transaction is rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and request.path.startswith(ADMIN_SITE) and isinstance(request.user, User):
            person = request.user
            SecurityEvent.objects.record_counted(
                SecurityEventKind.ADMIN_REFUSED, user=person, by=Actor(person), **_page(request)
            )
        return response


def _page(request: HttpRequest) -> dict[str, Any]:
    """The page by its route, because its path and query may hold what a person typed. A record by its id."""
    match = request.resolver_match
    record = str(match.kwargs.get("object_id", match.kwargs.get("id", ""))) if match else ""
    details = {"method": request.method, "page": readable_route(match.route) if match else ""}
    return details | ({"record": record} if ID.fullmatch(record) else {})
