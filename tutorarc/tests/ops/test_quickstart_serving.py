"""The quickstart in a process: its server and its printed commands."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tutorarc.ops.server_process import free_port
from tutorarc.tests.ops.quickstarting import Running, command, environment, get, shell, stop, wait_until
from tutorarc.tests.ops.test_quickstart import NEW_CLASS, curls_in, keys_in

pytestmark = pytest.mark.own_database


def test_it_serves_an_empty_database_up_to_a_first_class(start: Callable[[int], Running], tmp_path: Path) -> None:
    text = start(port := free_port()).printed.read_text()
    [key] = keys_in(text)
    made, planned = (json.loads(shell(["bash", "-c", curl]).stdout) for curl in curls_in(text))
    assert {name: made[name] for name in NEW_CLASS} == NEW_CLASS
    assert planned["data"]["studentLink"] == f"http://127.0.0.1:{port}/join?id={planned['data']['sessionId']}"
    listed = get(f"http://127.0.0.1:{port}/api/v1/classes", {"X-API-Key": key})["results"]
    titles = ["Algorithms 101", "Creative Writing", "European History", "Geometry, Summer School"]
    titles.append("Introduction to Calculus")
    assert sorted(klass["title"] for klass in listed) == titles
    assert (tmp_path / "scratch.sqlite3").exists() is True


@pytest.mark.usefixtures("_migrated_scratch")
def test_its_worker_works_and_ends_with_a_server_that_is_killed(
    start: Callable[[int], Running], tmp_path: Path
) -> None:
    server = psutil.Process(start(free_port()).process.pid)
    children = server.children(recursive=True)
    [worker] = [child for child in children if "work" in child.cmdline()]
    with sqlite3.connect(tmp_path / "scratch.sqlite3") as database:
        daily = "SELECT count(*) FROM jobs_job WHERE kind = 'prune' AND done_at IS NOT NULL"
        wait_until(lambda: database.execute(daily).fetchone() == (1,))
    for process in [server, *(child for child in children if child != worker)]:
        process.kill()
    wait_until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.usefixtures("_migrated_scratch")
def test_a_second_server_is_refused_and_a_restart_works(start: Callable[[int], Running], tmp_path: Path) -> None:
    first = start(port := free_port())
    duplicate = shell(command(port), cwd=tmp_path, env=environment())
    assert (duplicate.returncode, duplicate.stdout) == (1, "")
    assert duplicate.stderr == f"CommandError: Port {port} is in use. Choose another with --port.\n"
    assert stop(first) == 0
    second = start(port)
    assert len(keys_in(first.printed.read_text()) | keys_in(second.printed.read_text())) == 2
