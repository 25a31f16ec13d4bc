"""Doing a job that was claimed."""

import logging

from django.db import close_old_connections, connection

from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import KINDS, GiveUp, RetryLater

log = logging.getLogger("tutorarc.jobs")


def run(job: Job) -> None:
    """Do it, and record how it ended. A database that is away ends the attempt: the job comes due again.

    Raises django.db.Error if it can't be recorded.
    """
    drop_dead_connection()
    recorded = _attempt(job)
    if not recorded:
        log.warning("The lease of a job ended before the job.", extra={"context": _about(job)})


def _attempt(job: Job) -> bool:
    try:
        if job.is_poisonous:
            raise GiveUp(f"Its worker ended {job.attempts - 1} times while it did this.")
        KINDS[job.kind].function(job.payload)
    except (GiveUp, RetryLater) as error:  # expected: the reason says it all, and the admin site shows it
        log.warning("An attempt to do a job failed.", extra={"context": _about(job)})
        return job.record_failure(error)
    except Exception as error:
        log.exception("An attempt to do a job failed.", extra={"context": _about(job)})
        drop_dead_connection()
        return job.record_failure(error)
    return job.finish()


def drop_dead_connection() -> None:
    """As Django does before each request."""
    if not connection.in_atomic_block:
        close_old_connections()


def _about(job: Job) -> dict[str, object]:
    return {"job": job.pk, "kind": job.kind, "attempt": job.attempts}
