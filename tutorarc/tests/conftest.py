import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tutorarc.testing.database_templates import DatabaseTemplates
from tutorarc.tests.ops.quickstarting import Running, command, environment, stop, wait_for


@pytest.fixture
def _migrated_scratch(tmp_path: Path, templates: DatabaseTemplates) -> None:
    """The quickstart finds a migrated database, and does not migrate an empty one itself."""
    templates.fill(f"sqlite:///{tmp_path / 'scratch.sqlite3'}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], Running]]:
    """`start(port)` runs the command, from a directory that isn't the checkout, until it serves."""
    started: list[Running] = []

    def run(port: int) -> Running:
        printed = tmp_path / f"{len(started)}.out"
        with printed.open("w") as out:
            process = subprocess.Popen(command(port), cwd=tmp_path, env=environment(), stdout=out, stderr=out)  # noqa: S603
        started.append(Running(process, printed))
        wait_for(f"http://127.0.0.1:{port}/healthz", started[-1])
        return started[-1]

    yield run
    for running in started:
        stop(running)
