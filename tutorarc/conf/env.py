"""Readers for environment variables. A malformed value raises ImproperlyConfigured with a clear message."""

import os
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import mail_url
from tutorarc.conf.networks import Network, allowed_networks

MOST_DAYS = 3660
MINUTES_OF = {"m": 1, "h": 60, "d": 24 * 60}
SECRET_LENGTH = 50
SECRET_VARIETY = 10  # different characters; 50 random ones have some 35
# What stands in examples, templates and keys typed by hand, without the marks between. In a random key it is as good as
# impossible: each has six letters or more.
SAMPLE_WORDS = (
    *("changeme", "changethis", "replace", "secret", "password", "example", "placeholder", "yourkey", "insecure"),
    *("default", "random", "testing", "letmein", "qwerty", "asdfgh", "abcdef", "123456", "654321"),
)


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in ("", "true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value == "true" if value else default


def whole_number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def comma_separated(name: str, default: str) -> list[str]:
    """The items of a comma-separated list, in order and without spaces around them."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def choice(name: str, default: str, *others: str) -> str:
    """One of these words; by default the first one."""
    value = os.environ.get(name, "").strip() or default
    if value not in (default, *others):
        raise ImproperlyConfigured(f"{name} must be {', '.join(others)} or {default}, not {value!r}.")
    return value


def rate(name: str, default: str, per: str = "minute") -> int | None:
    """The N of `N/minute`, or None for `off`."""
    value = os.environ.get(name, "").strip() or default
    if value == "off":
        return None
    count, _, period = value.partition("/")
    if period != per or not (count.isascii() and count.isdigit()) or int(count) == 0:
        raise ImproperlyConfigured(f"{name} must be like 600/{per}, or off, not {value!r}.")
    return int(count)


def duration(name: str, default: str) -> timedelta:
    """A time such as `30m`, `2h` or `14d`, of at least a minute and at most a year."""
    value = os.environ.get(name, "").strip() or default
    match = re.fullmatch(r"(\d{1,6})([mhd])", value, re.ASCII)
    time = timedelta(minutes=int(match[1]) * MINUTES_OF[match[2]]) if match else timedelta()
    if not timedelta(minutes=1) <= time <= timedelta(days=366):
        raise ImproperlyConfigured(f"{name} must be a time such as 30m, 2h or 14d, not {value!r}.")
    return time


def days(name: str, default: int, *, least: int = 1) -> timedelta:
    """Whole days such as `180d`, at most ten years."""
    value = os.environ.get(name, "").strip() or f"{default}d"
    match = re.fullmatch(r"(\d{1,4})d", value, re.ASCII)
    number = int(match[1]) if match else 0
    if not least <= number <= MOST_DAYS:
        raise ImproperlyConfigured(
            f"{name} must be days such as {default}d, from {least}d to {MOST_DAYS}d, not {value!r}."
        )
    return timedelta(days=number)


def url(name: str, default: str) -> str:
    """An http(s) address without a trailing slash."""
    value = os.environ.get(name, "").strip().rstrip("/") or default
    if value and not re.fullmatch(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?(/[^\s?#]*)?", value):
        raise ImproperlyConfigured(f"{name} must be an address such as https://board.example.org, not {value!r}.")
    return value


def origins(name: str) -> list[str]:
    """Comma-separated origins such as https://app.example.org, or `*` alone for all."""
    values = [word.rstrip("/").lower() for word in comma_separated(name, "")]
    for value in values:
        if values != ["*"] and not re.fullmatch(r"[a-z][a-z0-9+.-]*://([\w.-]+|\[[0-9a-f:]+\])(:\d+)?", value):
            raise ImproperlyConfigured(f"{name} must be origins such as https://app.example.org, or *, not {value!r}.")
    return values


def networks(name: str) -> list[Network]:
    """Comma-separated networks such as 10.0.0.0/8, without the addresses of clouds' metadata services in them."""
    try:
        return [part for text in comma_separated(name, "") for part in allowed_networks(text)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be networks such as 10.0.0.0/8: {error}.") from None


def redis_url(name: str) -> str | None:
    """A Redis address, which may hold a password and so is never repeated."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"rediss?://([^\s/?#@]*@)?([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?(/\d*)?", value):
        raise ImproperlyConfigured(f"{name} must be an address such as redis://127.0.0.1:6379/0.")
    return value or None


def token(name: str) -> str:
    """A secret that programs send in a header, of 20 printable characters or more, which is never repeated; or none."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"[!-~]{20,}", value):
        raise ImproperlyConfigured(f"{name} must be at least 20 printable characters without spaces.")
    return value


def mail(name: str, debug: bool) -> dict[str, Any]:
    """Django's settings for sending mail to an address such as smtps://user:password@host?from=me@host.

    In debug mode it may be missing: then mail is written to the console. Otherwise the log would hold one-time links.
    """
    given = os.environ.get(name, "").strip()
    if not given and not debug:
        raise ImproperlyConfigured(
            f"{name} is required when TUTORARC_DEBUG is false. console: writes all mail, with its links, to the log."
        )
    try:
        return mail_url.parse(given or "console:")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} {error}.") from None


def secret_key(debug: bool, file: Path) -> str:
    """The value of TUTORARC_SECRET_KEY. In debug mode it may be missing: then one is generated and kept in `file`.

    Raises ImproperlyConfigured if debug is off and the key is missing, weak, or the generated one.
    """
    given = os.environ.get("TUTORARC_SECRET_KEY", "")
    if not debug and (fault := _weakness(given, file)):
        raise ImproperlyConfigured(
            f"TUTORARC_SECRET_KEY is required, at least 50 random characters, when TUTORARC_DEBUG is false{fault}. "
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return given or _kept_secret(file)


def former_secret_keys(debug: bool, file: Path) -> list[str]:
    """The keys of TUTORARC_SECRET_KEY_FALLBACKS, the last one first: what they signed or encrypted still works.

    Raises ImproperlyConfigured if debug is off and one of them can be guessed. No message repeats a key.
    """
    keys = comma_separated("TUTORARC_SECRET_KEY_FALLBACKS", "")
    for number, key in enumerate(keys, start=1):
        if not debug and (fault := _weakness(key, file)):
            raise ImproperlyConfigured(
                f"TUTORARC_SECRET_KEY_FALLBACKS: key {number} could be guessed{fault}. Remove it: what it signed ends."
            )
    return keys


def hsts(seconds: int) -> dict[str, Any]:
    """Django's SECURE_HSTS_… settings. Raises ImproperlyConfigured for a preload that browsers' lists would refuse."""
    subdomains = flag("TUTORARC_HSTS_INCLUDE_SUBDOMAINS", False)
    preload = flag("TUTORARC_HSTS_PRELOAD", False)
    if preload and not subdomains:
        raise ImproperlyConfigured("TUTORARC_HSTS_PRELOAD needs TUTORARC_HSTS_INCLUDE_SUBDOMAINS=true too.")
    return {
        "SECURE_HSTS_SECONDS": seconds,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": subdomains,
        "SECURE_HSTS_PRELOAD": preload,
    }


def _weakness(key: str, file: Path) -> str:
    """Why a key is too weak for production, to complete a sentence; empty if it isn't."""
    if not key:
        return ", and none is given"
    if len(key) < SECRET_LENGTH:
        return f", and this one has {len(key)}"
    if key.startswith("django-insecure"):
        return ", and this one is the example of a new Django project"
    if len(set(key)) < SECRET_VARIETY or _is_repeated(key):
        return ", and this one repeats itself"
    if word := next((word for word in SAMPLE_WORDS if word in re.sub("[-_ .]", "", key.lower())), ""):
        return f", and this one holds “{word}”, as examples do"
    if file.exists() and key == file.read_text().strip():
        return f", and this one is the developer's, kept in {file.name}"
    return ""


def _is_repeated(key: str) -> bool:
    """Whether the key is a shorter text several times over, the last time perhaps in part."""
    return any(key.startswith(key[length:]) for length in range(1, len(key) // 2 + 1))


def _kept_secret(file: Path) -> str:
    if file.exists():
        file.chmod(0o600)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if kept := file.read_text().strip():
            return kept
        raise ImproperlyConfigured(f"{file.name} is empty: remove it, and a new one is made.") from None
    with os.fdopen(descriptor, "w") as handle:
        handle.write(made := secrets.token_urlsafe(50))
    return made
