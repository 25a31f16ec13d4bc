"""Worker processes, as far as others need to know of them."""

from datetime import timedelta

from django.db import models
from django.utils import timezone


class WorkerQuerySet(models.QuerySet["Worker"]):
    def expired(self) -> "WorkerQuerySet":
        return self.filter(seen_at__lte=timezone.now() - timedelta(days=1))

    def seen_within(self, period: timedelta) -> "WorkerQuerySet":
        return self.filter(seen_at__gt=timezone.now() - period)

    def beat(self, name: str) -> None:
        """Record that this worker is alive."""
        row = Worker(name=name, seen_at=timezone.now())
        self.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["seen_at"])


class Worker(models.Model):
    """A process that does jobs, and when it was last seen. Its row is kept for a day."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
