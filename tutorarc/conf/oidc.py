"""Settings of the sign-in with OpenID Connect (docs/settings.md): the school's own provider, Google and Microsoft."""

import os
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import env

# In the addresses of the pages.
SCHOOL, GOOGLE, MICROSOFT = "oidc", "google", "microsoft"

SCHOOLS_CLIENT = ("TUTORARC_OIDC_CLIENT_ID", "TUTORARC_OIDC_CLIENT_SECRET")
GOOGLES_CLIENT = ("TUTORARC_OIDC_GOOGLE_CLIENT_ID", "TUTORARC_OIDC_GOOGLE_CLIENT_SECRET")
MICROSOFTS_CLIENT = ("TUTORARC_OIDC_MICROSOFT_CLIENT_ID", "TUTORARC_OIDC_MICROSOFT_CLIENT_SECRET")
TENANT = "TUTORARC_OIDC_MICROSOFT_TENANT"
TENANTS_OF_ANYBODY = {"common", "organizations", "consumers"}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def providers(*, needs_tls: bool) -> dict[str, Any]:
    """django-allauth's SOCIALACCOUNT_PROVIDERS.

    Raises ImproperlyConfigured if a part is missing, a provider has no TLS, or Microsoft's tenant is not one alone.
    """
    apps = [*_school(needs_tls), *_google(), *_microsoft()]
    return {"openid_connect": {"provider_class": "tutorarc.site.accounts.openid.Provider", "APPS": apps}}


def app(provider_id: str, issuer: str, client: tuple[str, str], name: str, **settings: Any) -> dict[str, Any]:
    """One provider as django-allauth takes it."""
    client_id, secret = client
    settings = {"server_url": issuer, **settings}
    return {"provider_id": provider_id, "name": name, "client_id": client_id, "secret": secret, "settings": settings}


def _school(needs_tls: bool) -> list[dict[str, Any]]:
    issuer = env.url("TUTORARC_OIDC_ISSUER", "")
    if not issuer:
        return []
    client = _client(SCHOOLS_CLIENT, "TUTORARC_OIDC_ISSUER")
    if needs_tls and urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in LOOPBACK:
        raise ImproperlyConfigured("TUTORARC_OIDC_ISSUER must be an https address.")
    return [app(SCHOOL, issuer, client, _text("TUTORARC_OIDC_NAME") or "your school’s account")]


def _google() -> list[dict[str, Any]]:
    if not _text(GOOGLES_CLIENT[0]):
        return []
    client = _client(GOOGLES_CLIENT, GOOGLES_CLIENT[0])
    return [app(GOOGLE, "https://accounts.google.com", client, "Google", fetch_userinfo=False)]


def _microsoft() -> list[dict[str, Any]]:
    if not _text(MICROSOFTS_CLIENT[0]):
        return []
    client, tenant = _client(MICROSOFTS_CLIENT, MICROSOFTS_CLIENT[0]), _text(TENANT).lower()
    if not re.fullmatch(r"[A-Za-z0-9.-]+", tenant) or tenant in TENANTS_OF_ANYBODY:
        raise ImproperlyConfigured(f"{TENANT} must be the id or domain of your school's tenant.")
    issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
    return [app(MICROSOFT, issuer, client, "Microsoft", fetch_userinfo=False)]


def _client(names: tuple[str, str], required_with: str) -> tuple[str, str]:
    """Id and secret of this site at a provider. Raises ImproperlyConfigured if one is missing."""
    for name in names:
        if not _text(name):
            raise ImproperlyConfigured(f"{name} is required with {required_with}.")
    return _text(names[0]), _text(names[1])


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()
