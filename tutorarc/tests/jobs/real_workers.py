"""Workers in processes of their own, and a kind of job whose effects can be counted."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import psycopg

from tutorarc.testing.server import ROOT

THREADS = 2  # jobs at the same time, of each worker
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
ADD = """
Job.objects.enqueue_all("write", [{"number": number} for number in range(int(sys.argv[2]))])
"""
WORK = f"""
from tutorarc.jobs.worker import Loop
loop = Loop(threads={THREADS})
loop.stop_on_signals()
loop.run()
"""


class RealWorkers:
    """The workers of a site (see tutorarc.testing.server) and what their jobs wrote."""

    def __init__(self, site, database):
        self.site, self.database = site, database
        self.effects, self.log = site.directory / "effects", site.directory / "log"
        self.effects.touch()

    def add_jobs(self, number):
        command = [sys.executable, "-c", PREPARE + ADD, self.effects, str(number)]
        subprocess.run(command, cwd=ROOT, env=self.site.environment, check=True)  # noqa: S603

    @contextmanager
    def worker(self, code=WORK):
        """In a process group of its own, as it may have child processes."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", PREPARE + code, self.effects],
                cwd=ROOT,
                env=self.site.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for(self, is_so):
        for _ in range(6000):
            if is_so():
                return
            time.sleep(0.01)
        raise RuntimeError(self.log.read_text())

    def wait_for_more(self, number):
        goal = len(self.effects.read_text().splitlines()) + number
        self.wait_for(lambda: len(self.effects.read_text().splitlines()) >= goal)

    def wait_until_all_are_done(self):
        self.wait_for(lambda: self.unfinished == 0)

    @property
    def unfinished(self):
        count = "SELECT count(*) FROM jobs_job WHERE kind = 'write' AND done_at IS NULL"
        with psycopg.connect(self.database.url) as connection:
            return connection.execute(count).fetchone()[0]

    @property
    def times_done(self):
        """How often each job was done, by its number."""
        return Counter(map(int, self.effects.read_text().split()))
