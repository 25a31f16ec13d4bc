"""Tokens of the links in invitations. Their prefix is what logs are searched for (tutorarc/domain/redaction.py)."""

import hashlib
import secrets

PREFIX = "invite_"


def new_token() -> str:
    return PREFIX + secrets.token_hex(16)


def digest(token: str) -> str:
    """What is stored of a token. It has 128 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
