"""Links that end one kind of notices without a sign-in (RFC 8058).

They don't expire, as a mail may be read years later. Each is good for one person and one kind.
"""

from django.core.signing import BadSignature, Signer
from django.urls import reverse

SALT = "tutorarc.mail.unsubscribe"


def unsubscribe_path(user_id: str, kind: str) -> str:
    return reverse("unsubscribe", args=[Signer(salt=SALT).sign_object([user_id, kind])])


def read_token(token: str) -> tuple[str, str] | None:
    """The id of the person and the name of the kind; None for a token that was not made here."""
    try:
        user_id, kind = Signer(salt=SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return user_id, kind
