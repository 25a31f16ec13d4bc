"""Models of background work."""

from tutorarc.jobs.models.event_consumer import EventConsumer
from tutorarc.jobs.models.job import Job
from tutorarc.jobs.models.worker import Worker

__all__ = ["EventConsumer", "Job", "Worker"]
