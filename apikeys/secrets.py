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
LENGTH = len(PREFIX) + 32 + 8
_SHAPE = re.compile(r"ta_live_([a-z2-7]{32})([0-9a-f]{8})", re.ASCII)

MISTYPED = "The API key is mistyped: its checksum is wrong."
_FAULTS = {
    re.compile(form): message
    for form, message in {
        r"^$": "The header X-API-Key is empty.",
        r"""^["'`]|["'`]$""": "The API key has quotes around it.",
        r"(?i)^(bearer|token|api-?key|basic)\b": "The header X-API-Key takes the key alone, without a word before it.",
        r"\.\.\.|…|\xe2\x80\xa6|\*\*": "This is only the beginning and the end of an API key.",
        r"[<>{}$%]|(?i:your|^(null|none|undefined)$)": "This is a placeholder for an API key.",
        r"^key_": "This is the id of an API key, not the key.",
        rf"^(?!{PREFIX})": f"An API key begins with {PREFIX}.",
        r"\s": "The API key has a blank in it.",
        rf"^.{{,{LENGTH - 1}}}$": f"The API key is cut off: it has fewer than {LENGTH} characters.",
        rf"^.{{{LENGTH + 1},}}$": f"There is something after the API key: it has more than {LENGTH} characters.",
    }.items()
}


def new_key() -> str:
    body = base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(key: str) -> bool:
    match = _SHAPE.fullmatch(key)
    return match is not None and _checksum(match[1]) == match[2]


def fault(key: str) -> str:
    """What is wrong with a text that is not well formed: a message for its sender."""
    faults = (message for form, message in _FAULTS.items() if form.search(key))
    return f"{next(faults, MISTYPED)} Send the key as it was shown when it was created."


def digest(key: str) -> str:
    """SHA-256 in hex. Plain and fast is enough: 160 random bits can't be guessed from it."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """The first and last characters, so that owners can tell their keys apart."""
    return f"{key[:12]}…{key[-4:]}"


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
