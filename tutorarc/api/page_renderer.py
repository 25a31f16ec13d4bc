"""The renderer for browsers: each response becomes the page of its resource (`HtmlPage`)."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from rest_framework.renderers import BaseRenderer

from tutorarc.api.browsable import HtmlPage
from tutorarc.api.fields import METHOD_OF_A_FORM
from tutorarc.http.reader_zone import zone_of_reader
from tutorarc.http.resent_forms import resendable


class PageRenderer(BaseRenderer):
    """HTML renderer for clients that prefer `text/html`."""

    media_type = "text/html"
    format = "api"  # used by StrictFilterSet to recognise a browser
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        view, response = renderer_context["view"], renderer_context["response"]
        add_never_cache_headers(response)  # so that the back button shows nothing after signing out
        if response.status_code == 204:
            return _after_deletion(view, renderer_context["request"], response)
        if response.status_code >= 500:  # without queries, because the database may be what failed
            kept = resendable(renderer_context["request"]._request) if response.status_code == 503 else {}
            return render_to_string("browse/fault.html", {"error": data["error"], **kept})
        request = renderer_context["request"]
        # With an API key show the plain response: a page may show data that needs other scopes.
        page_class = view.html_page_class if request.auth is None else HtmlPage
        page = page_class(view, request, response, data)
        with timezone.override(zone_of_reader(request._request)):
            template, context = page.facts() if view.action == "metadata" and not page.error else page.page()
            return render_to_string(template, page.base_context() | context, request=page.request._request)


def _after_deletion(view: Any, request: Any, response: Any) -> str:
    """The empty body of a 204. A form is redirected to another page, with a message."""
    page = view.html_page_class
    if METHOD_OF_A_FORM in request._request.POST and page.after_deletion:
        messages.success(request._request, page.success_messages[view.action])
        response.status_code, response["Location"] = HTTPStatus.SEE_OTHER, reverse(page.after_deletion)
    return ""
