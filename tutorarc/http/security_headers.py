"""Security headers: content security policy, framing, referrer, permissions and caching."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

ADMIN_SITE = "/admin/"

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
SWAGGER_UI = POLICY + "; img-src 'self' data:"
# unfold's Alpine.js evaluates expressions in its templates; its colours are in a style element, and Alpine and
# select2 write style attributes. No page has inline scripts.
UNFOLD = POLICY + "; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
# Django's debug page has inline style and script
DEVELOPERS_PAGE = POLICY + "; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'"
POLICIES = (
    ("/api/docs/try", SWAGGER_UI),
    (ADMIN_SITE, UNFOLD),
    ("/", POLICY),
)
UNUSED_FEATURES = "camera microphone geolocation payment usb serial midi display-capture browsing-topics"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES.split()),
}
# At a sign-out the browser forgets stored pages and what scripts stored. Cookies are left out: browsers would delete
# those of the whole domain, which may hold other sites of the school. The session's cookie is deleted by itself.
CLEARED_AT_SIGN_OUT = '"cache", "storage"'


class SecurityHeadersMiddleware:
    """Add security headers to every response, including errors, redirects and static files.

    Pages load nothing from other hosts and contain no inline script or style.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy_of(request.path, response))
        if _is_personal(request):
            response.headers["Cache-Control"] = "private, no-store"
        if request.is_secure() and getattr(request, "signed_out", False):  # browsers obey the header over TLS alone
            response.headers["Clear-Site-Data"] = CLEARED_AT_SIGN_OUT
        return response


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest | None, **signal: object) -> None:
    if request is not None:
        request.signed_out = True  # type: ignore[attr-defined]


def _is_personal(request: HttpRequest) -> bool:
    """Whether the response may show the name of a signed-in user. Loads no session that the view didn't load."""
    user = getattr(request, "_cached_user", None)
    return user is not None and user.is_authenticated


def policy_of(path: str, response: HttpResponse) -> str:
    if settings.DEBUG and response.status_code >= 400 and not path.startswith("/api/"):
        return DEVELOPERS_PAGE
    return next(policy for start, policy in POLICIES if path.startswith(start))
