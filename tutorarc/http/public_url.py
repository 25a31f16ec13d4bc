"""Absolute links to this site."""

from typing import Any

from django.conf import settings
from django.http.request import split_domain_port
from django.utils.http import url_has_allowed_host_and_scheme


def site_url(request: Any, path: str = "") -> str:
    """A link for the caller: at TUTORARC_PUBLIC_URL, or else at the request's Host, which must be an allowed one."""
    return (settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}") + path


def is_own_url(request: Any, url: str) -> bool:
    """Whether a redirect there stays on this site."""
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())


def link_for_others(request: Any, path: str = "") -> str:
    """A link that somebody else will open, such as in a mail. In production it never takes the port of the request.

    Anybody can send a request with another port, and so make a link that leads there.
    """
    if settings.PUBLIC_URL or not settings.SECURE_TLS:
        return site_url(request, path)
    host, _ = split_domain_port(request.get_host())
    return f"https://{host}{path}"
