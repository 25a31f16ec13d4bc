from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError


class CookieAuthentication(SessionAuthentication):
    """Django's session cookie, with its CSRF token on unsafe methods."""

    def enforce_csrf(self, request: Any) -> None:
        """Looks for the token in Django's request: DRF's would parse the body, and judge it before the caller.

        A form that can't be read holds none. What is wrong with it is said when the body's turn comes.
        """
        try:
            request._request.body  # noqa: B018 - kept for the parsers, which come later
        except BadRequest as error:
            raise ParseError(str(error)) from None
        try:
            request._request.POST  # noqa: B018
        except (BadRequest, SuspiciousOperation, MultiPartParserError):
            request._request._mark_post_parse_error()
        super().enforce_csrf(request._request)
