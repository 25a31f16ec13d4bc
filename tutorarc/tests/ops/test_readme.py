"""The README's tours, pasted as they stand into a shell beside a fresh quickstart, answer as printed."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tutorarc.conf import env_file
from tutorarc.ops.server_process import free_port
from tutorarc.settings import BASE_DIR
from tutorarc.tests.ops.quickstarting import Running, environment

README = (BASE_DIR / "README.md").read_text()
BLOCKS = re.findall(r"```bash\n(.*?)```\n(?:\n```json\n(.*?)```\n)?", README, re.DOTALL)
END_OF_BLOCK = "=== end of block ==="

# What differs from one run to the next: ids, random halves of codes, the clock, the port.
VARYING = (
    (r"\b(cls|usr|session|req)_[0-9a-z]+", r"\1_…"),
    (r'("class_code":"[A-Z0-9]+-)[A-Z0-9]+', r"\1…"),
    (r'("(?:created_at|updated_at|joined_at|createdAt|updatedAt)":")[^"]+', r"\1…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:…"),
)


def steady(text: str) -> str:
    for pattern, replacement in VARYING:
        text = re.sub(pattern, replacement, text)
    return text.strip()


def test_every_command_of_the_tours_answers_as_printed(start: Callable[[int], Running], tmp_path: Path) -> None:
    start(port := free_port())
    script = "".join(f"{commands}\necho '{END_OF_BLOCK}'\n" for commands, _ in BLOCKS)
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
    printed = [steady(answer) for answer in done.stdout.split(END_OF_BLOCK)[:-1]]
    assert printed == [steady(answer) for _, answer in BLOCKS]


def test_the_tours_have_answers_to_compare() -> None:
    assert len([answer for _, answer in BLOCKS if answer]) == 18


def test_the_settings_table_names_every_variable_that_is_read() -> None:
    read = set(re.findall(r'"(TUTORARC_[A-Z_]+)"', (BASE_DIR / "tutorarc/settings.py").read_text()))
    read |= set(re.findall(r'"(TUTORARC_[A-Z_]+)"', (BASE_DIR / "tutorarc/conf/env.py").read_text()))
    read.add(env_file.NAME)
    assert set(re.findall(r"^\| `(TUTORARC_[A-Z_]+)`", README, re.MULTILINE)) == read
