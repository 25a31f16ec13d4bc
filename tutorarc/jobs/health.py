"""Whether a worker is missing."""

from datetime import timedelta

from django.utils import timezone

from tutorarc.jobs.models import Job, Worker

MINUTE = timedelta(minutes=1)


def is_worker_missing() -> bool:
    """Whether no worker has been seen for a minute while work has been due for a minute. One or two statements."""
    return not Worker.objects.seen_within(MINUTE).exists() and Job.objects.due(timezone.now() - MINUTE).exists()
