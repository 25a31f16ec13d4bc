"""Whether a worker is missing."""

from datetime import timedelta

from django.utils import timezone

from tutorarc.jobs.consumers import behind
from tutorarc.jobs.models import Job, Worker
from tutorarc.models import Event

SEEN_WITHIN = timedelta(minutes=1)
WORKER_MISSING = "No worker has been seen for a minute, and work is due."


def is_worker_missing() -> bool:
    """Whether no worker has been seen for a minute while there is something to do."""
    return not Worker.objects.seen_within(SEEN_WITHIN).exists() and is_work_due()


def is_work_due() -> bool:
    """Whether a job is due, or a consumer has not got an event."""
    return Job.objects.due(timezone.now()).exists() or behind().exists() or Event.objects.filter(position=None).exists()
