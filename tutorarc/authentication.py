from typing import Any

from rest_framework.authentication import SessionAuthentication


class CookieAuthentication(SessionAuthentication):
    """Django's session cookie, with its CSRF token on unsafe methods."""

    def enforce_csrf(self, request: Any) -> None:
        """Looks for the token in Django's request: DRF's would parse the body, and judge it before the caller."""
        super().enforce_csrf(request._request)
