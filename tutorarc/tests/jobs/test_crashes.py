"""Workers, and their database, are killed while they work: no job is lost, and only those in hand are done again."""

import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import psycopg
import pytest

from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import ROOT

JOBS, THREADS = 150, 2
PREPARE = """
import sys, time, django
from datetime import timedelta
django.setup()
from tutorarc.jobs import registry
from tutorarc.jobs.models import Job

@registry.job("write", retries=(0.1,) * 10, lease=timedelta(seconds=2))
def write(payload):
    time.sleep(0.02)
    with open(sys.argv[1], "a") as file:
        file.write(f"{payload['number']}\\n")
"""
ADD = f"""{PREPARE}
Job.objects.enqueue_all("write", [{{"number": number}} for number in range({JOBS})])
"""
WORK = f"""{PREPARE}
from tutorarc.jobs.worker import Loop
loop = Loop(threads={THREADS})
loop.stop_on_signals()
loop.run()
"""


@pytest.fixture
def database():
    with postgres() as server:
        yield server


@pytest.fixture
def site(database, tmp_path, provision):
    return provision(tmp_path, database.url)


@pytest.fixture
def effects(site):
    """What the jobs wrote: the number of each job, each time it was done."""
    file = site.directory / "effects"
    file.touch()
    return file


@contextmanager
def worker(site, effects):
    with (site.directory / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WORK, effects], cwd=ROOT, env=site.environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(is_so, site):
    for _ in range(6000):
        if is_so():
            return
        time.sleep(0.01)
    raise RuntimeError((site.directory / "log").read_text())


def unfinished(database):
    with psycopg.connect(database.url) as connection:
        return connection.execute("SELECT count(*) FROM jobs_job WHERE kind = 'write' AND done_at IS NULL").fetchone()[
            0
        ]


def test_two_workers_of_which_one_is_killed_and_their_database_lose_no_job(database, site, effects):
    subprocess.run([sys.executable, "-c", ADD, effects], cwd=ROOT, env=site.environment, check=True)  # noqa: S603
    with worker(site, effects) as first, worker(site, effects) as second:

        def wait_for_more(number):
            goal = len(effects.read_text().splitlines()) + number
            wait_for(lambda: len(effects.read_text().splitlines()) >= goal, site)

        wait_for_more(20)
        first.kill()
        wait_for_more(20)
        database.kill()
        database.start()
        wait_for(lambda: unfinished(database) == 0, site)
        second.terminate()
        assert second.wait(timeout=30) == 0
    times_done = Counter(effects.read_text().split())
    assert set(times_done) == {str(number) for number in range(JOBS)}
    assert sum(times_done.values()) - JOBS <= 3 * THREADS  # those in hand at a kill: of the first, and of both
