"""Teacher and student links of a live session. The board checks admission before it lets anybody in.

`version` counts how often the session's links were renewed: a token is valid for one version alone.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

SALT = "tutorarc.teacher-link"


def student_link(session_id: str) -> str:
    return f"{settings.BOARD_URL}/join?id={session_id}"


def teacher_link(session_id: str, version: int = 0) -> str:
    """With TUTORARC_SIGNED_TEACHER_LINKS the link has a token, which proves that it was given to a teacher."""
    link = f"{settings.BOARD_URL}/board?id={session_id}&role=teacher"
    return f"{link}&{urlencode({'token': token_for(session_id, version)})}" if settings.SIGNED_TEACHER_LINKS else link


def token_for(session_id: str, version: int = 0) -> str:
    return _signer().signature(_signed_text(session_id, version))


def is_token_for(session_id: str, token: str, version: int = 0) -> bool:
    """Also for a token that was signed with one of TUTORARC_SECRET_KEY_FALLBACKS."""
    try:
        _signer().unsign(f"{_signed_text(session_id, version)}:{token}")
    except signing.BadSignature:
        return False
    return settings.SIGNED_TEACHER_LINKS


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)


def _signed_text(session_id: str, version: int) -> str:
    return f"{session_id}.{version}" if version else session_id
