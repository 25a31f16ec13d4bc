from typing import Any

from django.urls import reverse


def admin_address(model: Any, page: str, *args: Any) -> str:
    """Of a page of the admin site, by the model it is about: `changelist`, or `change` with a key."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
