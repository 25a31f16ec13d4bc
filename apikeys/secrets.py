"""Format of an API key: `ta_live_`, 160 random bits in base32, and a checksum.

The checksum detects a typo without a database query.
"""

import base64
import hashlib
import re
import secrets
import zlib

PREFIX = "ta_live_"
RANDOM_BYTES = 20
_SHAPE = re.compile(r"ta_live_([a-z2-7]{32})([0-9a-f]{8})", re.ASCII)


def new_key() -> str:
    body = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(key: str) -> bool:
    match = _SHAPE.fullmatch(key)
    return match is not None and _checksum(match[1]) == match[2]


def digest(key: str) -> str:
    """SHA-256 in hex. Plain and fast is enough: 160 random bits can't be guessed from it."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """The first and last characters, so that owners can tell their keys apart."""
    return f"{key[:12]}…{key[-4:]}"


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
