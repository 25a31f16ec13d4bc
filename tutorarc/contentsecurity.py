from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
OTHERS = ("/api/", "/admin/")  # DRF's and the admin's pages have scripts inside


class ContentSecurity:
    """Pages of ours load nothing from elsewhere and hold no script inside, and browsers see to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        debugging = settings.DEBUG and response.status_code >= 400  # Django's own page for developers
        if not debugging and not request.path.startswith(OTHERS) and _is_html(response):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


def _is_html(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")
