"""Links to what helps where a change was refused. The app that knows the way registers it.

`register_remedy(User, "last_teacher", link)` shows a link beside the refusal of that reason, about a person.
`register_bulk_remedies(["deactivate"], links)` shows links beside rows that this action could not change in the
background. They depend on how things are when the page is shown, so what was solved meanwhile is gone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

Remedy = Callable[[HttpRequest, Any], SafeString | None]  # with the row; None for staff who may not go that way
BulkRemedies = Callable[[HttpRequest, Sequence[Any]], Mapping[Any, SafeString]]  # of many rows, by key

_registered: dict[tuple[type[Model], str], Remedy] = {}
_of_actions: dict[str, BulkRemedies] = {}


def register_remedy(model: type[Model], reason: str, remedy: Remedy) -> None:
    _registered[model, reason] = remedy


def remedy_for(request: HttpRequest, row: Any, error: Exception) -> SafeString | None:
    """The link for this refusal of a change of this row, if there is one."""
    remedy = _registered.get((type(row), getattr(error, "reason", "")))
    return remedy(request, row) if remedy else None


def register_bulk_remedies(actions: Iterable[str], remedies: BulkRemedies) -> None:
    _of_actions.update(dict.fromkeys(actions, remedies))


def bulk_remedies(request: HttpRequest, action: str, rows: Sequence[Any]) -> Mapping[Any, SafeString]:
    """The links for rows that the action could not change, by key."""
    remedies = _of_actions.get(action)
    return remedies(request, rows) if remedies and rows else {}
