"""Tokens in the addresses of calendar feeds.

A token is not stored: it is a signature of the person, of the class if there is one, and of how often the person
renewed their addresses. Its prefix is what logs are searched for (tutorarc/domain/redaction.py).
"""

from typing import NamedTuple

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.models import User

PREFIX = "calfeed_"
SALT = "tutorarc.calendar-feed"
SUFFIX_LENGTH = 26  # of an id, after its prefix


class Feed(NamedTuple):
    user: User
    class_id: str | None


def feed_path(user: User, class_id: str | None = None) -> str:
    """The path of the feed of this person, or of one class for this person."""
    return reverse("calendar-feed", args=[token_for(user, class_id)])


def token_for(user: User, class_id: str | None = None) -> str:
    ids = _suffix(user.pk) + (_suffix(class_id) if class_id else "")
    return f"{PREFIX}{ids}.{_signer().signature(_signed(user, class_id))}"


def find_feed(token: str) -> Feed | None:
    """The feed of a token, also of one that was signed with a fallback of the secret key. One statement.

    None for a wrong token, after a renewal, and while the person is deactivated.
    """
    ids, _, signature = token.removeprefix(PREFIX).partition(".")
    user_id, class_id = f"usr_{ids[:SUFFIX_LENGTH]}", f"cls_{ids[SUFFIX_LENGTH:]}" if ids[SUFFIX_LENGTH:] else None
    if not (token.startswith(PREFIX) and _is_id("usr", user_id) and (class_id is None or _is_id("cls", class_id))):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return Feed(user, class_id) if user and _is_signed(user, class_id, signature) else None


def _is_signed(user: User, class_id: str | None, signature: str) -> bool:
    try:
        _signer().unsign(f"{_signed(user, class_id)}:{signature}")
    except BadSignature:
        return False
    return True


def _signer() -> Signer:
    return Signer(salt=SALT)


def _signed(user: User, class_id: str | None) -> str:
    return f"{user.pk}.{user.calendar_version}.{class_id or ''}"


def _suffix(typed_id: str) -> str:
    return typed_id.rpartition("_")[2]


def _is_id(prefix: str, text: str) -> bool:
    try:
        to_uuid(prefix, text)
    except MalformedId:
        return False
    return True
