"""The loop of a worker process, `manage.py work`."""

import logging
import os
import signal
from threading import Event

from tutorarc.db.outage import is_outage
from tutorarc.jobs.pool import Pool
from tutorarc.jobs.registry import KINDS
from tutorarc.jobs.run import drop_dead_connection
from tutorarc.jobs.turns import Turns, worker_name

log = logging.getLogger("tutorarc.jobs")

POLL_SECONDS = 0.5
OUTAGE_PAUSE_SECONDS = 2.0
THREADS = 4


class Loop:
    """Takes turns until it is stopped: the parts of a turn, and the jobs that are due."""

    def __init__(self, *, threads: int = THREADS, parent: int | None = None) -> None:
        self._name, self._parent = worker_name(), parent
        self._stopping, self._wake = Event(), Event()
        self._turns = Turns(self._name)
        own = [kind for kind in KINDS.values() if kind.threads]
        shared = [kind.name for kind in KINDS.values() if not kind.threads]
        self._pools = [Pool(shared, threads, self._wake.set)]
        self._pools += [Pool([kind.name], kind.threads, self._wake.set) for kind in own]

    def stop_on_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def stop(self) -> None:
        """Take no more jobs. `run` returns when those in hand are done."""
        self._stopping.set()
        self._wake.set()

    def run(self, *, once: bool = False) -> None:
        """Until `stop()`; with `once`, until nothing is due. Then a database that is away raises django.db.Error."""
        try:
            while not self._is_over():
                self._wake.clear()
                was_idle = all(pool.is_idle for pool in self._pools)
                is_more = self._turn(once)
                if once and was_idle and not is_more:  # one that ended since then may have left others waiting
                    break
                self._wake.wait(0 if is_more else POLL_SECONDS)
        finally:
            for pool in self._pools:
                pool.close()

    def _is_over(self) -> bool:
        return self._stopping.is_set() or (self._parent is not None and os.getppid() != self._parent)

    def _turn(self, once: bool) -> bool:
        try:
            is_more = self._turns.take()
            taken = sum(pool.take_jobs(self._name) for pool in self._pools)
        except Exception as error:
            if once or not is_outage(error):
                raise
            log.warning("The database is away: %s", error)
            drop_dead_connection()
            self._stopping.wait(OUTAGE_PAUSE_SECONDS)
            return False
        return is_more or (once and taken > 0)
