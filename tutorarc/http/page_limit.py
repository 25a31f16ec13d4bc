"""Limit on the pages and documents that people who are not signed in may request."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tutorarc.domain.sliding_window import Limit
from tutorarc.http.overload import MONITORING
from tutorarc.http.throttling import ADDRESS_FACTOR, RequestLimit, address_of
from tutorarc.http.unavailable import too_many


class PageLimitMiddleware:
    """Answer 429 to an address that sends too many requests without a sign-in. API views count theirs themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.RATE_LIMIT is not None and _is_counted(request):
            one = RequestLimit(Limit("pages", address_of(request), settings.RATE_LIMIT * ADDRESS_FACTOR))
            if one.usage.refused:
                return too_many(request, one.wait)
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                one.count_cost()
            return response
        return self.get_response(request)


def _is_counted(request: Any) -> bool:
    if request.path.startswith("/api/v1/") or request.path in MONITORING:
        return False
    return not (settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated)
