"""Scopes in words, by resource, for the developer page."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tutorarc.api.scopes import SCOPES

RESOURCES = {
    "classes": gettext_lazy("Classes"),
    "members": gettext_lazy("People"),
    "sessions": gettext_lazy("Lessons"),
    "events": gettext_lazy("Events"),
    "webhooks": gettext_lazy("Webhooks"),
    "users": gettext_lazy("Accounts (administrators only)"),
}
ACCESS = {
    ("read",): pgettext_lazy("scope", "read"),
    ("write",): pgettext_lazy("scope", "write"),
    ("read", "write"): pgettext_lazy("scope", "read and write"),
}
SCOPE_WORDS = {
    "classes:read": gettext_lazy("See classes"),
    "classes:write": gettext_lazy("Create and change classes"),
    "members:read": gettext_lazy("See people and requests"),
    "members:write": gettext_lazy("Approve, add and remove people"),
    "sessions:read": gettext_lazy("See lessons"),
    "sessions:write": gettext_lazy("Schedule and change lessons"),
    "events:read": gettext_lazy("See what happened"),
    "webhooks:read": gettext_lazy("See webhooks"),
    "webhooks:write": gettext_lazy("Create and change webhooks"),
    "users:read": gettext_lazy("See accounts"),
    "users:write": gettext_lazy("Create and change accounts"),
}
Item = TypeVar("Item")


def by_resource(scopes: Iterable[str], items: Iterable[Item]) -> Iterator[tuple[str, list[Item]]]:
    """`items`, one for each scope, by the title of their resource: `("Classes", […])`."""
    pairs = zip(scopes, items, strict=True)
    for resource, group in groupby(pairs, key=lambda pair: pair[0].partition(":")[0]):
        yield str(RESOURCES[resource]), [item for _scope, item in group]


def in_words(scopes: list[str]) -> str:
    """What a key with these scopes may do: "Classes: read and write · People: read"."""
    known = [scope for scope in SCOPES if scope in scopes]
    if len(known) == len(SCOPES):
        return _("Everything")
    kinds = [scope.partition(":")[2] for scope in known]
    return " · ".join(f"{title}: {ACCESS[tuple(access)]}" for title, access in by_resource(known, kinds))
