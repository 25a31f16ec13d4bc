from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError, PermissionDenied

from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.wsgi_request import IncompleteBody


class CookieAuthentication(SessionAuthentication):
    """Django's session cookie, with its CSRF token on unsafe methods."""

    def sent_instead(self, request: Any) -> str:
        """What a request without a credential sent in its place; empty if it sent nothing."""
        return "Your session has expired. Sign in again." if settings.SESSION_COOKIE_NAME in request.COOKIES else ""

    def enforce_csrf(self, request: Any) -> None:
        """Check the CSRF token on Django's request: DRF's would parse the body before the caller is checked.

        An unreadable form has no token. The parser reports what is wrong with it later.
        """
        try:
            request._request.body  # noqa: B018 - kept for the parsers, which come later
        except IncompleteBody:
            raise ParseError(code=ErrorReason.INCOMPLETE_BODY) from None
        try:
            request._request.POST  # noqa: B018
        except (BadRequest, SuspiciousOperation, MultiPartParserError):
            request._request._mark_post_parse_error()  # noqa: SLF001 (Django has no public method)
        try:
            super().enforce_csrf(request._request)
        except PermissionDenied as refusal:
            raise PermissionDenied(str(refusal.detail), code=ErrorReason.CSRF_FAILED) from None
