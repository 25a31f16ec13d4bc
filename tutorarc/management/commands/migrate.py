"""Django's `migrate` for a database in use: one process at a time, and without keeping requests waiting."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import Error, OperationalError, connections

from tutorarc.db.migration_lock import migration_lock

# Requests that use a table wait behind a migration that waits for it, so this is what one attempt may cost them.
LOCK_TIMEOUT_SECONDS = 1
PAUSE_SECONDS = 5.0
RETRY_SECONDS = 600
LOCK_FAILURES = {"55P03", "40P01"}  # PostgreSQL's lock timeout and deadlock


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--retry-for",
            type=float,
            default=RETRY_SECONDS,
            metavar="SECONDS",
            help="How long to retry while a table is in use, on PostgreSQL (default: %(default)s).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        retry_for = options.pop("retry_for")
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        with migration_lock(connection, self._report_wait), lock_timeout(connection):
            self._migrate(time.monotonic() + retry_for, *args, **options)

    def _migrate(self, give_up_at: float, *args: Any, **options: Any) -> None:
        """Each attempt goes on after the last migration that is applied."""
        while True:
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in LOCK_FAILURES:
                    raise
                if time.monotonic() + PAUSE_SECONDS > give_up_at:
                    raise CommandError(f"Gave up, as a table stayed in use: {error}") from error
            self.stderr.write(f"A table is in use. Next attempt in {PAUSE_SECONDS:g} seconds.")
            time.sleep(PAUSE_SECONDS)

    def _report_wait(self) -> None:
        self.stderr.write("Another process is migrating this database. Waiting for it.")


@contextmanager
def lock_timeout(connection: Any) -> Iterator[None]:
    """On PostgreSQL. SQLite has one lock, which is held for the whole of a migration."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
