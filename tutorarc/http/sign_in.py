"""Limits on password guesses, by account and by address."""

import hashlib
from typing import Any

from django.contrib.auth.backends import ModelBackend

from tutorarc.http.throttling import FixedWindow, address_of
from tutorarc.models import User

WINDOW_SECONDS = 5 * 60
WRONG_FOR_EACH_ACCOUNT = 10
WRONG_FOR_EACH_ADDRESS = 100  # a whole school may share one address


class RateLimitedBackend(ModelBackend):
    """Authentication backend that raises Throttled before checking the password.

    Every attempt is counted first; a successful one is taken back.
    """

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **others: Any
    ) -> User | None:
        windows = _windows(request, username or others.get(User.USERNAME_FIELD) or "")
        for window in windows:
            window.take().refuse_if_over()
        user = super().authenticate(request, username, password, **others)
        if user is not None:
            for window in windows:
                window.give_back()
        return user


def _windows(request: Any, username: str) -> list[FixedWindow]:
    """The windows to count in: address first, so that a refused address doesn't lock accounts. None for commands."""
    if request is None:
        return []
    account = hashlib.sha256(username.strip().lower().encode()).hexdigest()
    return [
        FixedWindow("sign-in-address", address_of(request), WRONG_FOR_EACH_ADDRESS, WINDOW_SECONDS),
        FixedWindow("sign-in-account", account, WRONG_FOR_EACH_ACCOUNT, WINDOW_SECONDS),
    ]
