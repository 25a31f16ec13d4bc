"""Asking for the password or passkey again before what somebody at an open browser must not do.

The user confirms on django-allauth's page, which then carries out the form that was sent before. A sign-in counts too.
"""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings


def is_confirmed(request: Any) -> bool:
    """Whether the user of this session signed in or confirmed within CONFIRMED_FOR."""
    since = time.time() - settings.CONFIRMED_FOR.total_seconds()
    return any(record["at"] > since for record in get_authentication_records(request, request.user))


def require_confirmation(request: Any) -> None:
    """Raises ReauthenticationRequired, which leads to the page where the user confirms."""
    if not is_confirmed(request):
        if request.method == "POST":
            _ = request.GET  # read before: it is kept with the form
            request.META["QUERY_STRING"] = ""  # django-allauth carries out a form only at an address without a query
        raise ReauthenticationRequired()
