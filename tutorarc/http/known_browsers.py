"""The cookie that tells a browser in which a person has signed in before (docs/security.md, "Known browsers").

It holds a random id, signed so that an invented one costs no query. It gives no access: it only separates the sign-in
attempts of this browser from those of strangers, and tells whether a sign-in comes from a new browser.
"""

import secrets
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from tutorarc.models import KnownBrowser, User
from tutorarc.models.signals import signed_in_with_new_browser

SALT = "tutorarc.known-browser"


def browser_id(request: HttpRequest) -> str:
    """The id in the browser's cookie; empty without a valid one."""
    found = request.get_signed_cookie(settings.BROWSER_COOKIE_NAME, "", salt=SALT, max_age=settings.KEEP_KNOWN_BROWSERS)
    return str(found or "")


def is_known_browser(request: HttpRequest, emails: Iterable[str]) -> bool:
    """Whether the person with one of these addresses has signed in with this browser. No query without a cookie."""
    current = browser_id(request)
    return bool(current) and KnownBrowser.objects.knows(emails, current)


def remember_browser(request: Any, user: User) -> bool:
    """Make this browser a known one of the user. Returns whether it is new.

    The response gets the cookie from `KnownBrowserMiddleware`.
    """
    request.browser_to_remember = browser_id(request) or secrets.token_urlsafe(24)
    return KnownBrowser.objects.remember(user, request.browser_to_remember)


@receiver(user_logged_in)
def remember_at_sign_in(request: Any, user: User, **signal: Any) -> None:
    if remember_browser(request, user):
        signed_in_with_new_browser.send(User, user=user, request=request)


class KnownBrowserMiddleware:
    """Set the cookie on the response to a sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if current := getattr(request, "browser_to_remember", ""):
            response.set_signed_cookie(
                settings.BROWSER_COOKIE_NAME,
                current,
                salt=SALT,
                max_age=settings.KEEP_KNOWN_BROWSERS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
