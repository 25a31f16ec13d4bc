"""Models of background work."""

from tutorarc.jobs.models.job import Job
from tutorarc.jobs.models.worker import Worker

__all__ = ["Job", "Worker"]
