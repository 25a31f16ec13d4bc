"""Settings of the sign-in with OpenID Connect (docs/settings.md): one provider, such as the school's."""

import os
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import env

PROVIDER_ID = "oidc"  # in the addresses of the pages
CLIENT = ("TUTORARC_OIDC_CLIENT_ID", "TUTORARC_OIDC_CLIENT_SECRET")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def providers(*, needs_tls: bool) -> dict[str, Any]:
    """django-allauth's SOCIALACCOUNT_PROVIDERS.

    Raises ImproperlyConfigured if a part is missing, or the provider has no TLS.
    """
    issuer = env.url("TUTORARC_OIDC_ISSUER", "")
    client = {name: os.environ.get(name, "").strip() for name in CLIENT}
    if not issuer:
        return {"openid_connect": _of([])}
    if missing := next((name for name, value in client.items() if not value), ""):
        raise ImproperlyConfigured(f"{missing} is required with TUTORARC_OIDC_ISSUER.")
    if needs_tls and urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in LOOPBACK:
        raise ImproperlyConfigured("TUTORARC_OIDC_ISSUER must be an https address.")
    name = os.environ.get("TUTORARC_OIDC_NAME", "").strip() or "your school’s account"
    return {"openid_connect": _of([app(issuer, client[CLIENT[0]], client[CLIENT[1]], name)])}


def app(issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    address = {"server_url": issuer}
    return {"provider_id": PROVIDER_ID, "name": name, "client_id": client_id, "secret": secret, "settings": address}


def _of(apps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"provider_class": "tutorarc.site.accounts.openid.Provider", "APPS": apps}
