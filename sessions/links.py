"""Teacher and student links of a live session. The board checks admission before it lets anybody in.

With TUTORARC_SIGNED_TEACHER_LINKS, or for a session created with signed links, the link of each teacher has a token of
their own, which opens the lobby without a sign-in while that person may change the session (`opens_as_teacher` in
sessions/permissions.py). `version` counts how often the session's links were renewed: a token is valid for one version
alone.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

SALT = "tutorarc.teacher-link"
LIFETIME_AFTER_END = timedelta(hours=12)


def student_link(session_id: str) -> str:
    return f"{settings.BOARD_URL}/join?id={session_id}"


def unsigned_teacher_link(session_id: str) -> str:
    return f"{settings.BOARD_URL}/board?id={session_id}&role=teacher"


def teacher_link(session_id: str, version: int = 0, user_id: str = "", *, is_signed: bool = False) -> str:
    """The link for this user; without one, for the creator of the session.

    It has a token if it `is_signed` or if the setting adds one to all.
    """
    link = unsigned_teacher_link(session_id)
    token = {"token": token_for(session_id, version, user_id)}
    return f"{link}&{urlencode(token)}" if is_signed or settings.SIGNED_TEACHER_LINKS else link


def token_for(session_id: str, version: int = 0, user_id: str = "") -> str:
    """The user's id, unless it is the creator, and a signature."""
    signature = _signer().signature(_signed_text(session_id, version, user_id))
    return f"{user_id}.{signature}" if user_id else signature


def is_token_for(session_id: str, token: str, version: int = 0, *, is_signed: bool = False) -> bool:
    """Also for a token that was signed with one of TUTORARC_SECRET_KEY_FALLBACKS."""
    user_id, _, signature = token.rpartition(".")
    try:
        _signer().unsign(f"{_signed_text(session_id, version, user_id)}:{signature}")
    except signing.BadSignature:
        return False
    return is_signed or settings.SIGNED_TEACHER_LINKS


def owner_of(token: str) -> str:
    """Id of the user whose token this is; empty for the creator of the session."""
    return token.rpartition(".")[0]


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)


def _signed_text(session_id: str, version: int, user_id: str) -> str:
    text = f"{session_id}.{version}" if version or user_id else session_id
    return f"{text}.{user_id}" if user_id else text
