"""The bash blocks of the documentation, run beside a fresh quickstart, print the answers below them."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tutorarc.ops.server_process import free_port
from tutorarc.settings import BASE_DIR
from tutorarc.testing.postgres import postgres
from tutorarc.tests.ops.documents import DOCS, PAGES, blocks, name_of
from tutorarc.tests.ops.quickstarting import Running, environment

END_OF_BLOCK = "=== end of block ==="

# What differs from one run to the next: ids, random halves of codes, times, the port.
VARYING = (
    (r"\b(cls|usr|session|req)_[0-9a-z]+", r"\1_…"),
    (r'("class_code":"[A-Z0-9]+-)[A-Z0-9]+', r"\1…"),
    (r'("(?:created_at|updated_at|joined_at|createdAt|updatedAt)":")[^"]+', r"\1…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:…"),
)


class Step(NamedTuple):
    """Commands, and the answer that the page prints below them."""

    commands: str
    answer: str


def steps(page: Path) -> list[Step]:
    found: list[Step] = []
    previous = ""
    for block in blocks(page):
        if block.language == "bash":
            found.append(Step(block.text, ""))
        elif block.language in ("json", "text") and previous == "bash":
            found[-1] = found[-1]._replace(answer=block.text)
        previous = block.language
    return found


def without_varying(text: str) -> str:
    for pattern, replacement in VARYING:
        text = re.sub(pattern, replacement, text)
    return text.strip()


@pytest.mark.own_database
@pytest.mark.usefixtures("_migrated_scratch")
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=name_of)
def test_every_command_prints_the_answer_below_it(page: Path, start: Callable[[int], Running], tmp_path: Path) -> None:
    start(port := free_port())
    script = "".join(f"{step.commands}\necho '{END_OF_BLOCK}'\n" for step in steps(page))
    script = script.replace(".venv/bin/python", sys.executable).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(  # noqa: S603
        ["bash", "-c", script],  # noqa: S607
        cwd=BASE_DIR,
        env=environment() | {"DATABASE_URL": f"sqlite:///{tmp_path / 'scratch.sqlite3'}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    printed = [without_varying(answer) for answer in done.stdout.split(END_OF_BLOCK)[:-1]]
    assert printed == [without_varying(step.answer) for step in steps(page)]


@pytest.mark.own_database
def test_postgresql_accepts_the_statements_for_pgbouncer() -> None:
    [statements] = [block.text for block in blocks(DOCS / "deploy.md") if block.text.startswith("ALTER ROLE")]
    with postgres() as server:
        server.sql(f"CREATE ROLE tutorarc; {statements}")
        settings = server.sql("SELECT rolconfig FROM pg_roles WHERE rolname = 'tutorarc';")
    assert settings.splitlines()[2].strip() == "{statement_timeout=5s,lock_timeout=3s}"


def test_the_pages_with_commands_are_those_expected() -> None:
    counts = {name_of(page): len([step for step in steps(page) if step.answer]) for page in PAGES if steps(page)}
    assert counts == {"README.md": 5, "tutorarc/docs/tour.md": 21}
