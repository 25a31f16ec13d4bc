"""The admin site as a signed-in staff person uses it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from html import unescape
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.models import User
from tutorarc.testing.events import events_about, events_of
from tutorarc.webhooks.models import Delivery, Endpoint


class Site(Client):
    """`Site(user, "classes_class")`: the pages of one kind of record."""

    def __init__(self, user: Any, kind: str) -> None:
        super().__init__()
        self.kind, self.user = kind, user
        self.force_login(user)

    def address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.kind}_{page}", args=args)

    def listing(self, **parameters: Any) -> Any:
        return self.get(self.address("changelist"), parameters)

    def rows(self, **parameters: Any) -> list[Any]:
        return list(self.listing(**parameters).context["cl"].result_list)

    def page(self, key: Any) -> Any:
        return self.get(self.address("change", key))

    def add(self, **data: Any) -> Any:
        return self.post(self.address("add"), data)

    def change(self, key: Any, **data: Any) -> Any:
        """Change a record on a page that is opened now."""
        return self.change_on(self.page(key), key, **data)

    def change_on(self, page: Any, key: Any, **data: Any) -> Any:
        """Change a record on a page that was opened earlier, or was shown again with errors."""
        return self.post(self.address("change", key), {**first_shown(page), **data})

    def act(self, action: str, rows: Iterable[Any], **fields: Any) -> list[str]:
        """The messages after an action on these rows. A confirmation is given."""
        keys = [getattr(row, "pk", row) for row in rows]
        data = {"action": action, ACTION_CHECKBOX_NAME: keys, "sure": "yes", **fields}
        page = self.post(self.address("changelist"), data, follow=True)
        return [str(message) for message in page.context["messages"]]


def first_shown(page: Any) -> dict[str, list[str]]:
    """The hidden initial values of a page's fields."""
    shown: dict[str, list[str]] = defaultdict(list)
    for name, value in re.findall(r'<input type="hidden" name="(initial-[^"]+)"(?: value="([^"]*)")?', page.text):
        shown[name].append(unescape(value))
    return shown


def shown_messages(response: Any) -> list[str]:
    """The messages that the page after a redirect shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: Any) -> dict[str, list[str]]:
    """The errors of a form that was shown again; `__all__` has those of the whole form."""
    return dict(response.context["adminform"].form.errors)


def taken(owner: Any, text: str) -> str:
    """The error of a value that another record has, with the link to that record."""
    address = reverse(f"admin:{owner._meta.label_lower.replace('.', '_')}_change", args=[owner.pk])
    return f'{text}: <a class="text-link underline" href="{address}"><bdi>{escape(owner)}</bdi></a>.'


def state(row: Any) -> dict[str, Any]:
    """The stored row, whole."""
    return type(row).objects.filter(pk=row.pk).values().get()


def recorded(row: Any) -> list[tuple[str, str | None]]:
    """What each event about a row tells, and its actor, oldest first."""
    names = dict(User.objects.values_list("pk", "display_name"))
    return [(event.happened, event.actor_user_id and names[event.actor_user_id]) for event in events_of(row)]


def everything() -> dict[Any, Any]:
    """Every row and the number of events, without the times of sign-ins."""
    User.objects.update(last_login=None)
    models: tuple[Any, ...] = (User, Class, Membership, LiveSession, ApiKey)
    rows = {model: (list(model.objects.order_by("pk").values()), len(events_about(model))) for model in models}
    return rows | {model: list(model.objects.order_by("pk").values()) for model in (Endpoint, Delivery)}
