"""Which addresses webhooks may be sent to (docs/security.md, "Webhooks").

ssrfguard decides: it knows every spelling of an address, checks what a name resolves to, and connects to the address
that it checked. Here is what we ask of it.
"""

from ipaddress import ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from ssrfguard import DEFAULT_DENIED, AddressTable, Block, BlockedURLError, Policy, Reach, SSRFGuardError, Target

MAX_URL_LENGTH = 2000
WEB_PORTS = frozenset({80, 443})
FIRST_UNPRIVILEGED_PORT = 1024
MAX_CONNECTION_ATTEMPTS = 2  # how many addresses of a name are tried
# What the table of ssrfguard leaves open. Public IPv6 addresses are all in 2000::/3; the others are reserved, or are
# forms of IPv4 addresses such as ::ffff:0:10.0.0.1. The one IPv4 address is public, but leads to the host in Azure.
ALSO_DENIED = {
    "::/3": ("Reserved or not global", "RFC4291"),
    "4000::/2": ("Reserved", "RFC4291"),
    "8000::/1": ("Reserved or not global", "RFC4291"),
    "168.63.129.16/32": ("Azure WireServer", ""),
}
DENIED = AddressTable(
    (
        *DEFAULT_DENIED.blocks,
        *(Block(ip_network(text), name, rfc, Reach.DENIED) for text, (name, rfc) in ALSO_DENIED.items()),
    )
)


def policy_for(url: str) -> Policy:
    """What a request to this URL may reach. Ports below 1024, but 80 and 443, belong to services such as mail."""
    port = _port_of(url)
    ports = WEB_PORTS | ({port} if port and port >= FIRST_UNPRIVILEGED_PORT else set())
    return Policy(
        allowed_schemes=frozenset({"https"} if settings.SECURE_TLS else {"http", "https"}),
        denied_networks=DENIED,
        allowed_networks=tuple(settings.WEBHOOK_NETWORKS),
        allowed_ports=frozenset(ports),
        max_connection_attempts=MAX_CONNECTION_ATTEMPTS,
        max_url_length=MAX_URL_LENGTH,
    )


def check_url(url: str) -> Target:
    """What to resolve and to connect to. Raises ssrfguard.SSRFGuardError for a URL that may not be used."""
    return policy_for(url).check_url(url)


def validate_url(url: str) -> None:
    """Raises ValidationError for a URL that can never be sent to. What a name resolves to is checked when sending."""
    if not url.isprintable() or " " in url:
        raise ValidationError("Write the URL without blanks and control characters.", "invalid_url")
    try:
        check_url(url)
    except SSRFGuardError as error:
        raise ValidationError(explanation(error, url), "url_not_allowed") from None


def explanation(error: SSRFGuardError, url: str) -> str:
    """Why ssrfguard refused, as a sentence for the owner of the endpoint."""
    parts, scheme = urlsplit_or_none(url), "https://" if settings.SECURE_TLS else "https:// or http://"
    if parts is None or not parts.hostname:
        return f"This is no URL of a server: it starts with {scheme}, and a host follows."
    if parts.scheme not in ({"https"} if settings.SECURE_TLS else {"http", "https"}):
        return f"The URL starts with {scheme}."
    if parts.username is not None or parts.password is not None:
        return "The URL can't hold a user name or password. The signature shows that a request is from TutorArc."
    reason = error.reason if isinstance(error, BlockedURLError) else str(error)
    if "port" in reason and "allowed_ports" in reason:
        return "The port must be 80, 443, or 1024 or higher."
    return "This address is not allowed: webhooks are sent to public addresses only, spelled in the usual way."


def urlsplit_or_none(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None
