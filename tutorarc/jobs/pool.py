"""Threads of a worker that do jobs."""

import logging
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Lock, Thread

from django.db import connections

from tutorarc.db.outage import is_outage
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run

log = logging.getLogger("tutorarc.jobs")


class Pool:
    """Threads that do jobs of these kinds, each with a database connection while it has something to do."""

    def __init__(self, kinds: Sequence[str], threads: int, on_end: Callable[[], None]) -> None:
        self.kinds, self._on_end = kinds, on_end
        self._free, self._lock = threads, Lock()
        self._waiting: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def is_idle(self) -> bool:
        return self._free == len(self._threads)

    def take_jobs(self, worker: str) -> int:
        """Claim as many jobs as there are free threads, and let them start. Returns their number."""
        jobs = Job.objects.claim(self.kinds, worker, self._free) if self._free else []
        self._count(-len(jobs))
        for job in jobs:
            self._waiting.put(job)
        return len(jobs)

    def close(self) -> None:
        """Wait until the jobs in hand are done."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while job := self._waiting.get():
                self._do(job)
        finally:
            connections.close_all()

    def _do(self, job: Job) -> None:
        try:
            run(job)
        except Exception as error:
            if not is_outage(error):
                log.exception("The end of a job could not be recorded.")
        finally:
            self._count(1)
            self._on_end()

    def _count(self, change: int) -> None:
        with self._lock:
            self._free += change
