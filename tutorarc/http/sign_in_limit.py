"""Limits on guesses of passwords and of the codes that a sign-in asks for (docs/contract.md, "Sign-in limits").

A browser in which the person has signed in before is counted for itself alone, so that nobody else's attempts keep its
owner out. All other attempts are counted for the account at one address, for the account and for the address.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from tutorarc.domain.email import spellings
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.known_browsers import browser_id, is_known_browser
from tutorarc.http.throttling import GuessLimits, RequestLimit, address_of
from tutorarc.models import SecurityEventKind, User
from tutorarc.models.sign_in_events import record_attempt

# Wrong attempts, and in how many seconds.
FROM_KNOWN_BROWSER = (10, 300)
FOR_ACCOUNT_AT_ADDRESS = (10, 300)
FOR_ACCOUNT = (100, 3600)
FROM_ADDRESS = (300, 300)  # a whole school may share one
# Passwords, right ones too: checking one takes the turn of others. Counted by each process.
CHECKS_FOR_ACCOUNT_AT_ADDRESS = (30, 60)
# Requests for a mailed link.
RESETS_FOR_ACCOUNT = (3, 900)
RESETS_FROM_ADDRESS = (100, 300)


class RateLimitedBackend(ModelBackend):
    """Authentication backend that raises Throttled where a password has been guessed too often."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **others: Any
    ) -> User | None:
        email = username or others.get(User.USERNAME_FIELD) or ""
        guesses = sign_in_guesses(request, email)
        guesses.refuse_if_spent()
        if request is not None:
            count_check(request, email)
        user = super().authenticate(request, username, password, **others)
        if user is not None:
            guesses.refuse_if_spent()
        elif guesses.count():
            record_attempt(SecurityEventKind.SIGN_IN_LIMITED, email)
        return user


def count_check(request: HttpRequest, email: str) -> None:
    """Raises Throttled if too many passwords for this account come from this address, right or wrong."""
    caller = f"{spellings(email)[-1]} {address_of(request)}"
    RequestLimit(Limit("password-checks", caller, *CHECKS_FOR_ACCOUNT_AT_ADDRESS)).refuse_if_over()


def sign_in_guesses(request: HttpRequest | None, email: str, kind: str = "password") -> GuessLimits:
    """The limits on guesses of this account's password, or of another `kind` of secret, which counts separately.

    A command, which has no request, is not limited.
    """
    if request is None:
        return GuessLimits([])
    emails = spellings(email)
    account, address = emails[-1], address_of(request)
    if is_known_browser(request, emails):
        return GuessLimits([Limit(f"{kind}-browser", f"{account} {browser_id(request)}", *FROM_KNOWN_BROWSER)])
    return GuessLimits(
        [
            Limit(f"{kind}-account-address", f"{account} {address}", *FOR_ACCOUNT_AT_ADDRESS),
            Limit(f"{kind}-account", account, *FOR_ACCOUNT),
            Limit(f"{kind}-address", address, *FROM_ADDRESS),
        ]
    )


def may_be_mailed(request: HttpRequest, email: str) -> bool:
    """Count a request for a mailed link to set a password. Returns whether the account may get a mail.

    Raises Throttled if there are too many from this address. Treats known and unknown accounts alike.
    """
    GuessLimits([Limit("reset-address", address_of(request), *RESETS_FROM_ADDRESS)]).take()
    try:
        GuessLimits([Limit("reset-account", spellings(email)[-1], *RESETS_FOR_ACCOUNT)]).take()
    except Throttled:
        return False
    return True
