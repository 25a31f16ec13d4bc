"""Benchmark of the frequent calls, on a production server with a database of its own. Prints tables.

Only ratios of one run can be compared; requests per second depend on the machine and the moment.
"""

import json
import shlex
import subprocess
from argparse import ArgumentTypeError
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from tutorarc.management.production import add_production_option, refuse_in_production
from tutorarc.ops.bench import rounds as bench
from tutorarc.ops.bench.calls import Failed, Server, hot_calls, reads
from tutorarc.ops.bench.rounds import Side
from tutorarc.ops.bench.server import Data, NoPostgres, Running, filled, postgres, serving
from tutorarc.ops.demo.world import PENDING_PEOPLE

GROWN = (1_000, 1_000_000)


class Command(BaseCommand):
    help = "Measures the hot calls on a throw-away PostgreSQL database full of demo data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--classes", type=_positive, default=5_000, metavar="N")
        parser.add_argument("--members", type=_positive, default=10, metavar="M", help="Students in each class.")
        parser.add_argument("--pending", type=_positive, default=PENDING_PEOPLE, metavar="P", help="1,300 or more.")
        parser.add_argument("--workers", type=_positive, default=1)
        parser.add_argument("--connections", type=_positive, default=16)
        parser.add_argument("--rounds", type=_positive, default=5)
        parser.add_argument("--seconds", type=_positive_seconds, default=3.0, help="For each call in each round.")
        parser.add_argument(
            "--against",
            type=_other_server,
            metavar="URL+FILE",
            help="Take turns with another server of the same contract; FILE is what load_demo --out wrote for it.",
        )
        parser.add_argument(
            "--grow",
            nargs="*",
            type=_positive,
            metavar="CLASSES",
            help="Compare reads on two sizes instead, 1,000 and 1,000,000 classes if not said otherwise.",
        )
        parser.add_argument(
            "--keep", type=Path, metavar="DIRECTORY", help="Leave the databases for the next run, their handouts here."
        )
        add_production_option(parser)

    def handle(self, *, allow_production: bool, **options: Any) -> None:
        if not allow_production:
            refuse_in_production("creates databases on the PostgreSQL server and keeps the machine busy")
        if options["grow"] is not None and len(options["grow"]) not in (0, 2):
            raise CommandError("--grow takes two sizes, or none.")
        if options["keep"]:
            options["keep"].mkdir(parents=True, exist_ok=True)
        self.quiet = options["verbosity"] == 0
        try:
            with postgres(options["keep"]) as url, ExitStack() as stack:
                run = self.compare if options["grow"] is None else self.grow
                run(stack, url, **options)
        except (NoPostgres, Failed, RuntimeError) as error:
            raise CommandError(str(error)) from None
        except subprocess.CalledProcessError as error:
            raise CommandError(f"{shlex.join(error.cmd)} failed: {error.stderr}") from None

    def compare(self, stack: ExitStack, url: str, *, classes: int, against: Server | None, **options: Any) -> None:
        ours = self._serve(stack, url, classes, **options)
        counted = json.loads(ours.data.python("-m", "tutorarc.ops.bench.statements", str(ours.data.handout)))
        sides = [Side(ours.server, ours.data.reset_pending, hot_calls(ours.server))]
        if against:
            sides.append(Side(against, _reset_command(against), hot_calls(against)))
        names = self._measure(sides, **options)
        table = [["call", "requests/s", "p50 ms", "p99 ms", "statements", "SQL ms"]]
        if against:
            table[0] += ["theirs/s", "their p99", "times as fast"]
        for name in names:
            row = [name, *_figures(sides[0], name), f"{counted[name][0]:g}", f"{counted[name][1]:.2f}"]
            if against:
                rate, _, p99 = _figures(sides[1], name)
                row += [rate, p99, f"{bench.ratio(sides[0], sides[1], name):.2f}"]
            table.append(row)
        self._print(table)
        self._say_start_and_memory([ours])

    def grow(self, stack: ExitStack, url: str, *, grow: list[int], **options: Any) -> None:
        options.pop("classes")
        running = [self._serve(stack, url, classes, **options) for classes in sorted(grow or GROWN)]
        sides = [Side(one.server, one.data.reset_pending, reads(one.server)) for one in running]
        names = self._measure(sides, **options)
        small, large = (f"{classes:,} classes" for classes in sorted(grow or GROWN))
        table = [["read, requests/s", small, large, "speed kept", "p99 ms", "p99 ms"]]
        for name in names:
            (rate, _, p99), (grown, _, grown_p99) = (_figures(side, name) for side in sides)
            table.append([name, rate, grown, f"{bench.ratio(sides[1], sides[0], name):.2f}", p99, grown_p99])
        self._print(table)
        self._say_start_and_memory(running)

    def _serve(
        self,
        stack: ExitStack,
        url: str,
        classes: int,
        *,
        members: int,
        pending: int,
        workers: int,
        keep: Path | None,
        **_: Any,
    ) -> Running:
        self._say(f"Filling a database with {classes:,} classes.")
        data: Data = stack.enter_context(filled(url, classes, members, pending, keep=keep, quiet=self.quiet))
        return stack.enter_context(serving(data, workers))

    def _measure(
        self, sides: list[Side], *, rounds: int, seconds: float, connections: int, **options: Any
    ) -> list[str]:
        self._say(f"{rounds} rounds of {seconds:g} s for each call, {connections} connections.")
        total = len(sides[0].calls) * len(sides) * (rounds + 1)
        with bench.generator(connections) as load, tqdm(total=total, disable=self.quiet) as bar:

            def step(name: str) -> None:
                bar.set_description(name)
                bar.update()

            return bench.measure(load, sides, rounds, seconds, step=step)

    def _print(self, table: Sequence[Sequence[str]]) -> None:
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for first, *rest in table:
            cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
            self.stdout.write("  ".join([first.ljust(widths[0]), *cells]))

    def _say_start_and_memory(self, running: list[Running]) -> None:
        for one in running:
            sizes = ", ".join(f"{size:.0f} MB" for size in one.megabytes_a_worker()) or "not told here"
            self.stdout.write(
                f"First answer {one.seconds_to_first_answer:.1f} s after the start; "
                f"each worker's memory at the end: {sizes}."
            )

    def _say(self, text: str) -> None:
        if not self.quiet:
            self.stderr.write(text)


def _figures(side: Side, name: str) -> tuple[str, str, str]:
    rate, p50, p99 = bench.figures(side, name)
    return f"{rate:.1f}", f"{p50:.1f}", f"{p99:.1f}"


def _reset_command(server: Server) -> Any:
    command = shlex.split(server.handout["approve"]["reset_cmd"])
    return lambda: subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603


def _other_server(text: str) -> Server:
    url, plus, file = text.partition("+")
    if not (plus and url.startswith("http://")):
        raise ArgumentTypeError(f"{text} is not like http://127.0.0.1:8001+handout.json")
    try:
        return Server(url.rstrip("/"), json.loads(Path(file).read_text()))
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{file} can't be read: {error}") from None


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def _positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 3600:
        raise ArgumentTypeError(f"{text} is no number of seconds")
    return seconds
