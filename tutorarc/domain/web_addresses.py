"""Addresses of pages on other sites, such as a room for video calls: the one form in which they are stored.

No error repeats the address, because it may be all that is needed to enter the room.
"""

from urllib.parse import SplitResult, urlsplit, urlunsplit

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.encoding import iri_to_uri

MAX_LENGTH = 2000
HTTPS_PORT = 443
_validate = URLValidator(schemes=["https"])


def https_address(typed: str) -> str:
    """The address in ASCII, with the host in its DNS form and lower case. Raises ValidationError."""
    if len(typed) > MAX_LENGTH:
        raise ValidationError(f"Give at most {MAX_LENGTH} characters.", "max_length")
    typed = typed.strip()
    if not typed.isprintable() or " " in typed:
        raise ValidationError("Give a web address without spaces and control characters.", "invalid_url")
    address = _normalised(_parts(typed))
    if len(address) > MAX_LENGTH:
        raise ValidationError(f"This address is longer than {MAX_LENGTH} characters.", "max_length")
    return address


def _parts(typed: str) -> SplitResult:
    """Raises ValidationError for what is no https address, or has a user name or password."""
    try:
        parts = urlsplit(typed)
        _ = parts.port  # raises ValueError for one that is too high
    except ValueError:
        raise _invalid() from None
    if parts.scheme != "https" or not parts.hostname:
        raise _invalid()
    if "@" in parts.netloc:
        raise ValidationError("Give a web address without a user name or password.", "invalid_url")
    return parts


def _normalised(parts: SplitResult) -> str:
    port = f":{parts.port}" if parts.port not in (None, HTTPS_PORT) else ""
    host = f"{_host(parts.hostname or '')}{port}"
    address = iri_to_uri(urlunsplit(("https", host, parts.path or "/", parts.query, parts.fragment)))
    try:
        _validate(address)
    except ValidationError:
        raise _invalid() from None
    if address.startswith((f"{settings.BOARD_URL}/join", f"{settings.BOARD_URL}/board")):
        raise ValidationError("This is the link of a lesson. Give the address that it is to lead to.", "invalid_url")
    return address


def _host(name: str) -> str:
    if ":" in name:
        return f"[{name}]"
    try:
        return name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        raise _invalid() from None


def _invalid() -> ValidationError:
    message = "Give a web address that starts with https://, such as https://meet.example.com/algebra."
    return ValidationError(message, "invalid_url")
