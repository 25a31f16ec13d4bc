from collections.abc import Callable
from typing import Any

import pytest

from classes.models import Class
from tutorarc.domain.events import Actor


@pytest.fixture
def make_class(alice: Any) -> Callable[..., list[Class]]:
    """`make_class("a", "b")`: classes of Alice with these titles."""

    def make(*titles: str) -> list[Class]:
        return [Class.objects.create_with_teacher(Actor(alice), title=title) for title in titles]

    return make


@pytest.fixture
def get(api: Any, alice: Any) -> Callable[..., Any]:
    """A page that Alice reads, by its link, or by its path and parameters."""
    client = api(alice)

    def page(link: str, **query: Any) -> Any:
        response = client.get(link.removeprefix("http://testserver"), query or None)
        assert response.status_code == 200
        return response.json()

    return page
