"""What every worker does in each turn, beside its jobs."""

import logging
import os
import socket
import time
from collections.abc import Callable

from django.utils import timezone

from tutorarc.db.outage import is_outage
from tutorarc.jobs.models import Job, Worker
from tutorarc.jobs.registry import KINDS, TURN_FUNCTIONS

log = logging.getLogger("tutorarc.jobs")

HEARTBEAT_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0


def worker_name() -> str:
    """Name of this process, different on each machine and in each process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


class Turns:
    """The turns of one worker. `take()` raises django.db.Error while the database is away."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._next_beat = 0.0
        self._functions = [_Guarded(*item) for item in TURN_FUNCTIONS.items()]

    def take(self) -> bool:
        """Whether there is more to do at once."""
        if time.monotonic() >= self._next_beat:
            self._beat()
        results = [function() for function in self._functions]
        return any(results)

    def _beat(self) -> None:
        Worker.objects.beat(self.name)
        schedule_periodic_jobs()
        self._next_beat = time.monotonic() + HEARTBEAT_SECONDS


class _Guarded:
    """A function whose failure doesn't keep the others from running. It pauses after each failure, longer each time."""

    def __init__(self, name: str, function: Callable[[], object]) -> None:
        self._name, self._function = name, function
        self._pause, self._not_before = 0.0, 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        try:
            is_more = bool(self._function())
        except Exception as error:
            self._pause = min(2 * self._pause + 1, LONGEST_PAUSE_SECONDS)
            self._not_before = time.monotonic() + self._pause
            if is_outage(error):
                raise
            log.exception("A part of the worker's turn failed.", extra={"context": {"part": self._name}})
            return False
        self._pause = 0.0
        return is_more


def schedule_periodic_jobs() -> None:
    """Add the job of each periodic kind that has none. Afterwards each one adds the next."""
    kinds = {kind.key: kind for kind in KINDS.values() if kind.every}
    there = Job.objects.filter(key__in=kinds).values_list("key", flat=True)
    for key in kinds.keys() - set(there):
        Job.objects.enqueue_periodic(kinds[key], timezone.now())
