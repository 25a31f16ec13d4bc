import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classes.models import Class
from tutorarc.api.views import openapi_document
from tutorarc.domain.events import Actor
from tutorarc.testing.generated_clients import need, run


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


@pytest.fixture(scope="session")
def python_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the package `tutor_arc_client`, as openapi-python-client generates it."""
    directory = tmp_path_factory.mktemp("python_client")
    (directory / "schema.json").write_text(json.dumps(openapi_document(), default=str))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    # Its own formatting step finds ruff beside the interpreter.
    path = f"{Path(sys.executable).parent}:{Path(need('env')).parent}"
    run([*command, "--path", "schema.json", "--output-path", "tutor_arc_client"], directory, PATH=path)
    return directory
