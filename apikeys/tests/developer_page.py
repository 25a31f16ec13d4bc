"""Helpers of the tests of the developer page."""

from typing import Any

PAGE = "/developers/keys"
NEW = f"{PAGE}/new"


def token(client: Any, path: str = NEW) -> str:
    """The token of a fresh form."""
    return client.get(path).context["form"]["token"].value()


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)
