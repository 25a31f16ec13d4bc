"""Custom pages in the admin layout."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse


def admin_page(admin: Any, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    """Render a template in the admin layout of this ModelAdmin."""
    request.current_app = admin.admin_site.name
    frame = {**admin.admin_site.each_context(request), "opts": admin.opts}
    return TemplateResponse(request, template, {**frame, **context})
