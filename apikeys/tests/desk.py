"""What the developer page's tests ask of it."""

from typing import Any

PAGE = "/developers/keys"


def token(client: Any, path: str = PAGE) -> str:
    """A fresh form's."""
    return client.get(path).context["form"]["token"].value()


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)
