"""Personal links to a live session (docs/contract.md, "Personal links").

Each approved member of the session's class has one. It is the student link with a token, which identifies
the visitor to the lobby and the board. The token is not stored: it is a signature of the session, of how often its
links were renewed, and of the person. By its prefix it is redacted in logs (tutorarc/domain/redaction.py).
"""

from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer

from sessions.links import student_link
from sessions.models import LiveSession
from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.models import User

PREFIX = "joinlink_"
SALT = "tutorarc.personal-link"


def personal_link(session: LiveSession, user: User) -> str:
    """`{BOARD}/join?id=…&token=…`. Give it to this user only."""
    return f"{student_link(session.pk)}&{urlencode({'token': token_for(session, user.pk)})}"


def token_for(session: LiveSession, user_id: str) -> str:
    """The person's id without its type, and a signature."""
    return f"{PREFIX}{user_id.removeprefix('usr_')}.{_signer().signature(_signed(session, user_id))}"


def named_in(token: str) -> str | None:
    """Id of the person whom a token names, whether or not it is genuine; None for malformed text."""
    user_id = f"usr_{token.removeprefix(PREFIX).partition('.')[0]}"
    return user_id if token.startswith(PREFIX) and _is_user_id(user_id) else None


def is_token_of(session: LiveSession, user_id: str, token: str) -> bool:
    """Whether this is the person's token for the session since its links were renewed.

    Also for one that was signed with one of TUTORARC_SECRET_KEY_FALLBACKS.
    """
    try:
        _signer().unsign(f"{_signed(session, user_id)}:{token.rpartition('.')[2]}")
    except BadSignature:
        return False
    return named_in(token) == user_id


def _signer() -> Signer:
    return Signer(salt=SALT)


def _signed(session: LiveSession, user_id: str) -> str:
    return f"{session.pk}.{session.link_version}.{user_id}"


def _is_user_id(text: str) -> bool:
    try:
        to_uuid("usr", text)
    except MalformedId:
        return False
    return True
