"""Links between admin pages."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def admin_url(model: Any, page: str, *args: Any) -> str:
    """URL of an admin page of the model: `changelist`, or `change` with a key."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def link(row: Any, text: Any) -> SafeString:
    """HTML link to another record."""
    address = admin_url(row, "change", row.pk)
    return format_html('<a class="text-link underline" href="{}"><bdi>{}</bdi></a>', address, text)


def two_lines(first: Any, second: Any) -> SafeString:
    """A name with its address or code below."""
    return format_html('<bdi>{}</bdi><span class="second-line">{}</span>', first, second)


def person_link(person: Any) -> SafeString:
    return two_lines(link(person, person.display_name), person.email)


def class_link(klass: Any) -> SafeString:
    return two_lines(link(klass, klass.title), klass.class_code)
