from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
SWAGGER_UI = POLICY + "; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
# unfold's Alpine.js evaluates the expressions in its templates; its colours stand in a style element, and Alpine and
# select2 write style attributes. No script stands inside a page.
UNFOLD = POLICY + "; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
POLICIES = (
    ("/api/docs", SWAGGER_UI),
    # DRF's pages have scripts inside
    ("/api/", None),
    ("/admin/", UNFOLD),
    ("/", POLICY),
)


class ContentSecurity:
    """Pages of ours load nothing from elsewhere and hold no script inside, and browsers see to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        debugging = settings.DEBUG and response.status_code >= 400  # Django's own page for developers
        policy = next(policy for start, policy in POLICIES if request.path.startswith(start))
        if policy and not debugging and _is_html(response):
            response.headers.setdefault("Content-Security-Policy", policy)
        return response


def _is_html(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")
