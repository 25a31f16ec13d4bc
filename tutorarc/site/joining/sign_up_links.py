"""Links that are mailed to somebody who wants an account: they show that the address is theirs.

A link holds address and class code, encrypted, so that nothing is stored before the account is made.
"""

import json
from typing import NamedTuple

from cryptography.fernet import InvalidToken
from django.urls import reverse
from django.utils import timezone

from tutorarc.domain.encryption import decrypt, encrypt

LIFETIME = 24 * 3600  # seconds
PURPOSE = "sign-up"


class Wanted(NamedTuple):
    """Who wants an account, and the class code that they typed; empty if they may have an account without one."""

    email: str
    code: str


def link_path(wanted: Wanted) -> str:
    at = int(timezone.now().timestamp())
    return reverse("sign-up-link", args=[encrypt(json.dumps([PURPOSE, at, *wanted])).rstrip("=")])


def wanted_by(token: str) -> Wanted | None:
    """What the link was made for; None if it is wrong or has expired."""
    try:
        purpose, at, email, code = json.loads(decrypt(token + "=" * (-len(token) % 4)))
    except (InvalidToken, ValueError, TypeError):
        return None
    is_fresh = purpose == PURPOSE and timezone.now().timestamp() - at < LIFETIME
    return Wanted(email, code) if is_fresh else None
