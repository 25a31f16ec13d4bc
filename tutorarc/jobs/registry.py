"""Kinds of background work, and what the worker does in each turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

Payload = dict[str, Any]
Function = TypeVar("Function", bound=Callable[[Payload], object])
TurnFunction = TypeVar("TurnFunction", bound=Callable[[], object])
FailureFunction = Callable[[Payload], object]

LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class Kind:
    """How jobs of one kind are done."""

    name: str
    function: Callable[[Payload], object]
    retries: tuple[float, ...]  # seconds to wait after each failed attempt; after the last one the job has failed
    lease: timedelta  # a job whose worker has not finished it by then is given to another
    threads: int  # of its own in each worker; 0: it shares those of the other kinds
    every: timedelta | None  # of a periodic job
    kept: bool = True  # whether its jobs stay for a while when they are done, to be looked at
    on_failure: FailureFunction | None = None  # called when a job has failed for good

    @property
    def key(self) -> str:
        """Of the one open job of a periodic kind."""
        return f"periodic {self.name}"


KINDS: dict[str, Kind] = {}
TURN_FUNCTIONS: dict[str, Callable[[], object]] = {}


def kind_in_words(name: str) -> str:
    """A kind as staff read it: "Find clock times" for `sessions.find_clock_times`."""
    return name.rpartition(".")[2].replace("_", " ").capitalize()


def job(
    name: str,
    *,
    retries: Sequence[float] = (),
    lease: timedelta = LEASE,
    threads: int = 0,
    kept: bool = True,
    on_failure: FailureFunction | None = None,
) -> Callable[[Function], Function]:
    """Register a function of the payload as the work of the jobs of this kind. Unless `kept`, done jobs are deleted.

    It is called outside of a transaction, and may be called again after a crash, so it must be repeatable. It may raise
    `RetryLater` and `GiveUp`; any other exception is retried after `retries`. `on_failure` gets the payload of a
    job that has failed for good, in the transaction that records this.
    """
    return _registration(name, tuple(retries), lease, threads, None, kept=kept, on_failure=on_failure)


def periodic(
    name: str, *, every: timedelta, retries: Sequence[float] = (), lease: timedelta = LEASE
) -> Callable[[Function], Function]:
    """Register a function that is called again and again, `every` so long after it has ended or failed.

    There is one such job, whatever the number of workers. Its payload is empty.
    """
    return _registration(name, tuple(retries), lease, 0, every)


def each_turn(function: TurnFunction) -> TurnFunction:
    """Register a function that each worker calls about twice a second.

    Where there is nothing to do, it only reads. It returns True if there is more to do at once.
    """
    TURN_FUNCTIONS[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def _registration(
    name: str,
    retries: tuple[float, ...],
    lease: timedelta,
    threads: int,
    every: timedelta | None,
    *,
    kept: bool = True,
    on_failure: FailureFunction | None = None,
) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        if name in KINDS:
            raise ValueError(f"Two functions are registered for jobs of the kind {name}.")
        KINDS[name] = Kind(name, function, retries, lease, threads, every, kept, on_failure)
        return function

    return register


class RetryLater(Exception):
    """The attempt failed. The next one is due after so many seconds, or after those of the kind."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class GiveUp(Exception):
    """The attempt failed, and so would every other one."""
