"""A page of the admin site that Django has none for, in the site's own frame."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse


def admin_page(admin: Any, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    """Of this ModelAdmin. The frame shows `title`."""
    request.current_app = admin.admin_site.name
    frame = {**admin.admin_site.each_context(request), "opts": admin.opts}
    return TemplateResponse(request, template, {**frame, **context})
