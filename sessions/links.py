"""Teacher and student links of a live session. The board checks admission before it lets anybody in.

`version` counts how often the session's links were renewed: a token is valid for one version alone.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

SALT = "tutorarc.teacher-link"


def student_link(session_id: str) -> str:
    return f"{settings.BOARD_URL}/join?id={session_id}"


def teacher_link(session_id: str, version: int = 0) -> str:
    """With TUTORARC_SIGNED_TEACHER_LINKS the link has a token, which proves that it was given to a teacher."""
    link = f"{settings.BOARD_URL}/board?id={session_id}&role=teacher"
    return f"{link}&{urlencode({'token': token_for(session_id, version)})}" if settings.SIGNED_TEACHER_LINKS else link


def token_for(session_id: str, version: int = 0) -> str:
    return signing.Signer(salt=SALT).signature(f"{session_id}.{version}" if version else session_id)


def is_token_for(session_id: str, token: str, version: int = 0) -> bool:
    return settings.SIGNED_TEACHER_LINKS and constant_time_compare(token_for(session_id, version), token)
