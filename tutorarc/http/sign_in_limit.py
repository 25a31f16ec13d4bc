"""Limits on password guesses: tight for one account from one address, loose for one address.

There is no limit for an account from all addresses: anyone who knows an e-mail address could lock its owner out.
"""

import hashlib
from typing import Any

from django.contrib.auth.backends import ModelBackend

from tutorarc.domain.email import spellings
from tutorarc.http.throttling import FixedWindow, address_of
from tutorarc.models import User

WINDOW_SECONDS = 5 * 60
WRONG_FOR_EACH_ACCOUNT = 10  # from one address
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
    """Counters of an attempt; none for commands. Attempts over the account's limit don't count for the address."""
    if request is None:
        return []
    address = address_of(request)
    account = hashlib.sha256(spellings(username)[-1].encode()).hexdigest()
    return [
        FixedWindow("sign-in-account", f"{account}:{address}", WRONG_FOR_EACH_ACCOUNT, WINDOW_SECONDS),
        FixedWindow("sign-in-address", address, WRONG_FOR_EACH_ADDRESS, WINDOW_SECONDS),
    ]
