"""Links to what helps where a change was refused. The app that knows the way registers it.

`register_remedy(User, "last_teacher", link)` shows a link beside the refusal of that reason, about a person.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

Remedy = Callable[[HttpRequest, Any], SafeString | None]  # with the row; None for staff who may not go that way

_registered: dict[tuple[type[Model], str], Remedy] = {}


def register_remedy(model: type[Model], reason: str, remedy: Remedy) -> None:
    _registered[model, reason] = remedy


def remedy_for(request: HttpRequest, row: Any, error: Exception) -> SafeString | None:
    """The link for this refusal of a change of this row, if there is one."""
    remedy = _registered.get((type(row), getattr(error, "reason", "")))
    return remedy(request, row) if remedy else None
