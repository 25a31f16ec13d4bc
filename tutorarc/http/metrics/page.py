"""The view of `/metrics`, for callers with the token or, where none is set, on this machine."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from tutorarc.http.client_address import parse
from tutorarc.http.metrics.gauges import DatabaseCollector
from tutorarc.http.metrics.requests import REGISTRY

DATABASE = CollectorRegistry()
DATABASE.register(DatabaseCollector())
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
REFUSAL = (
    "Send the token of TUTORARC_METRICS_TOKEN as a Bearer token. Where none is set, only programs on the same machine "
    "may read this.\n"
)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """200 with the figures; 401 without the token; 403 for other machines where no token is set."""
    if settings.METRICS_TOKEN and not _has_token(request):
        return HttpResponse(REFUSAL, "text/plain", status=401, headers={"WWW-Authenticate": "Bearer"})
    if not settings.METRICS_TOKEN and not _is_from_here(request):
        return HttpResponse(REFUSAL, "text/plain", status=403)
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(DATABASE), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, by a name of this machine.

    False for what a proxy passes on, and for a page of another site whose name resolves to this machine (DNS
    rebinding).
    """
    address = parse(request.META.get("REMOTE_ADDR", ""))
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    is_passed_on = any(name in request.META for name in PROXY_HEADERS)
    return address is not None and address.is_loopback and host in LOOPBACK_HOSTS and not is_passed_on
