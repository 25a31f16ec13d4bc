"""Encryption of secrets that the database holds, with a key made from SECRET_KEY."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "tutorarc.domain.encryption"
FERNET_PREFIX = "gAAAAA"  # of everything that Fernet encrypts: its version, and the first bytes of the time


def encrypt(text: str) -> str:
    return encrypt_bytes(text.encode())


def encrypt_bytes(data: bytes) -> str:
    return _cipher().encrypt(data).decode()


def decrypt(encrypted: str) -> str:
    """Also what was encrypted with one of SECRET_KEY_FALLBACKS. Raises cryptography.fernet.InvalidToken."""
    return decrypt_bytes(encrypted).decode()


def decrypt_bytes(encrypted: str) -> bytes:
    """Raises cryptography.fernet.InvalidToken."""
    return _cipher().decrypt(encrypted)


def is_readable(encrypted: str) -> bool:
    """Whether `decrypt_bytes` can read it."""
    try:
        decrypt_bytes(encrypted)
    except InvalidToken:
        return False
    return True


def decrypt_if_encrypted(text: str) -> str:
    """Text of a column that earlier versions wrote unencrypted. Raises cryptography.fernet.InvalidToken."""
    return decrypt(text) if text.startswith(FERNET_PREFIX) else text


def is_by_former_key(encrypted: str) -> bool:
    """Whether this is encrypted, and not with SECRET_KEY."""
    if not encrypted.startswith(FERNET_PREFIX):
        return False
    try:
        _cipher_for((settings.SECRET_KEY,)).decrypt(encrypted)
    except InvalidToken:
        return True
    return False


def _cipher() -> MultiFernet:
    return _cipher_for((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _cipher_for(secret_keys: tuple[str, ...]) -> MultiFernet:
    digests = (salted_hmac(SALT, "key", secret=key, algorithm="sha256").digest() for key in secret_keys)
    return MultiFernet(Fernet(base64.urlsafe_b64encode(digest)) for digest in digests)
