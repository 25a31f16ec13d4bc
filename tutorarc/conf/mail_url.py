"""Parser for the mail URL, such as smtp+tls://user:password@mail.example.org?from=school@example.org.

Written here because libraries for such URLs ignore unknown schemes and misspelt options.
"""

from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

BACKENDS = "django.core.mail.backends"
OFF = f"{BACKENDS}.dummy.EmailBackend"
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
TIMEOUT_SECONDS = 10
SHAPE = (
    "must be console:, off:, file:///a/folder or smtp://, smtp+tls:// or smtps://user:password@host:port?from=me@host"
)


def parse(address: str) -> dict[str, Any]:
    """Django's EMAIL_… settings for the URL. Raises ValueError; its message never contains the URL."""
    try:
        url = urlsplit(address)
        options = parse_qs(url.query, keep_blank_values=True, strict_parsing=bool(url.query))
        server = _server(url)
    except ValueError:
        raise ValueError(SHAPE) from None
    if url.fragment or set(options) - {"from"} or len(options.get("from", [])) > 1:
        raise ValueError("takes from=me@host after its question mark, and nothing else")
    sender = options["from"][0] if options else ""
    if (url.scheme in PORTS or sender) and not _is_sender(sender):
        raise ValueError("needs from=, the address that mail comes from: ?from=TutorArc <me@example.org>")
    sender = sender or "TutorArc <tutorarc@localhost>"
    return {**server, "EMAIL_TIMEOUT": TIMEOUT_SECONDS, "DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender}


def _server(url: SplitResult) -> dict[str, Any]:
    match url.scheme:
        case "console" if not url.netloc + url.path:
            return {"EMAIL_BACKEND": f"{BACKENDS}.console.EmailBackend"}
        case "off" if not url.netloc + url.path:
            return {"EMAIL_BACKEND": OFF}
        case "file" if url.path.strip("/") and not url.netloc:
            return {"EMAIL_BACKEND": "tutorarc.conf.file_mail.EmailBackend", "EMAIL_FILE_PATH": unquote(url.path)}
        case scheme if scheme in PORTS and url.hostname and url.path in ("", "/"):
            return {
                "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
                "EMAIL_HOST": url.hostname,
                "EMAIL_PORT": url.port or PORTS[scheme],
                "EMAIL_HOST_USER": unquote(url.username or ""),
                "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
                "EMAIL_USE_TLS": scheme == "smtp+tls",
                "EMAIL_USE_SSL": scheme == "smtps",
            }
    raise ValueError


def _is_sender(text: str) -> bool:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        return False
    return text.isprintable()
