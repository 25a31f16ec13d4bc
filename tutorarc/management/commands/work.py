"""The worker: see docs/architecture.md, "Background work"."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tutorarc.jobs.worker import THREADS, Loop


class Command(BaseCommand):
    help = "Does the background work that is due, until TERM. Several may run at the same time, on several machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due now, and end.")
        parser.add_argument(
            "--threads", type=int, default=THREADS, metavar="N", help="Jobs at the same time (default: %(default)s)."
        )
        parser.add_argument(
            "--with-parent", type=int, metavar="PID", help="End when this process, which started it, has ended."
        )

    def handle(self, *, once: bool, threads: int, with_parent: int | None, **options: Any) -> None:
        loop = Loop(threads=threads, parent=with_parent)
        loop.stop_on_signals()
        loop.run(once=once)
