"""Alternating rounds of load, so that other activity of the machine affects every server alike."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median
from typing import IO, Any, NamedTuple, cast

from django.conf import settings

from tutorarc.ops.bench.calls import Call, Failed, Server

WARM_UP_SECONDS = 0.5
SPARE = 30  # of one-time requests: half for warming up, the last ones for counting statements


@dataclass
class Side:
    """One server under load with its calls by name."""

    server: Server
    reset: Callable[[], Any]
    calls: list[Call]
    results: dict[str, list["Result"]] = field(default_factory=dict)


class Result(NamedTuple):
    """Result of one call in one round."""

    rate: float
    milliseconds: list[float]


class Figures(NamedTuple):
    rate: float
    p50: float
    p99: float


class Generator(NamedTuple):
    jobs: IO[str]
    done: IO[str]
    connections: int

    def load(self, server: Server, call: Call, seconds: float) -> Result:
        """Run the load. Raises Failed if a response isn't 2xx."""
        host, _, port = server.host.partition(":")
        job = {
            "host": host,
            "port": int(port or 80),
            "connections": self.connections,
            "seconds": seconds,
            "repeat": call.repeats,
            "requests": [sent.wire(server.host) for sent in call.requests],
        }
        self.jobs.write(json.dumps(job) + "\n")
        self.jobs.flush()
        line = self.done.readline()
        if not line:
            raise Failed(f"{call.name}: the load generator ended.")
        done = json.loads(line)
        if bad := {status: count for status, count in done["statuses"].items() if status not in ("200", "201")}:
            raise Failed(f"{call.name}: {server.url} answered {bad}.")
        if not done["milliseconds"]:
            raise Failed(f"{call.name}: {server.url} answered nothing. More classes make more to ask for.")
        return Result(len(done["milliseconds"]) / done["seconds"], done["milliseconds"])


@contextmanager
def generator(connections: int) -> Iterator[Generator]:
    command = [sys.executable, "-m", "tutorarc.ops.bench.generator"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        jobs, done = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        with suppress(BrokenPipeError), jobs:  # ends when its input is closed
            yield Generator(jobs, done, connections)


def measure(
    load: Generator, sides: list[Side], rounds: int, seconds: float, *, step: Callable[[str], Any]
) -> list[str]:
    """Measure all sides. Returns the names of the calls that all sides have."""
    names = [call.name for call in sides[0].calls]
    for name in names:
        for side in sides:
            step(f"{name}, warming up")
            _load(load, side, name, WARM_UP_SECONDS, -SPARE, -SPARE // 2)
    for turn in range(rounds):
        for name in names:
            for side in sides if turn % 2 == 0 else sides[::-1]:
                step(name)
                result = _load(load, side, name, seconds, *_share(side, name, turn, rounds))
                side.results.setdefault(name, []).append(result)
    return names


def _load(load: Generator, side: Side, name: str, seconds: float, first: int, last: int) -> Result:
    [call] = [call for call in side.calls if call.name == name]
    if call.resets:
        side.reset()
    elif not call.repeats:
        call = call._replace(requests=call.requests[first:last])
    return load.load(side.server, call, seconds)


def _share(side: Side, name: str, turn: int, rounds: int) -> tuple[int, int]:
    """The one-time requests for this turn."""
    [call] = [call for call in side.calls if call.name == name]
    share = (len(call.requests) - SPARE) // rounds
    return turn * share, (turn + 1) * share


def figures(side: Side, name: str) -> Figures:
    results = side.results[name]
    every = sorted(one for result in results for one in result.milliseconds)
    p99 = every[min(len(every) - 1, len(every) * 99 // 100)]
    return Figures(median(result.rate for result in results), median(every), p99)


def ratio(one: Side, other: Side, name: str) -> float:
    """Median of the rounds' ratios."""
    pairs = zip(one.results[name], other.results[name], strict=True)
    return median(mine.rate / theirs.rate for mine, theirs in pairs)
