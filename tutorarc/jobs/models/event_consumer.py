"""How far each consumer has read the events."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from tutorarc.domain.redaction import redact
from tutorarc.models import Event

PAUSE = timedelta(seconds=10)


class EventConsumerQuerySet(models.QuerySet["EventConsumer"]):
    def add_missing(self, names: Iterable[str]) -> None:
        """New consumers start behind the last event that has a position: what is old is not told again."""
        new = set(names) - set(self.values_list("name", flat=True))
        if new:
            last = Event.objects.aggregate(last=Max("position"))["last"] or 0
            self.bulk_create([EventConsumer(name=name, position=last) for name in new], ignore_conflicts=True)

    def behind(self) -> "EventConsumerQuerySet":
        """Consumers that have not got every event that has a position."""
        return self.filter(Exists(Event.objects.filter(position__gt=OuterRef("position"))))

    def ready(self) -> "EventConsumerQuerySet":
        """Those that did not fail a moment ago."""
        return self.filter(Q(retry_at=None) | Q(retry_at__lte=timezone.now()))

    def record_failure(self, name: str, error: Exception) -> None:
        """It gets the same events again after a pause."""
        consumer, reason = self.filter(name=name), redact(f"{type(error).__name__}: {error}")
        consumer.filter(failing_since=None).update(failing_since=timezone.now())
        consumer.update(last_error=reason, retry_at=timezone.now() + PAUSE)


class EventConsumer(models.Model):
    """A consumer has got every event up to `position`, and none behind it."""

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField()
    failing_since = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    retry_at = models.DateTimeField(null=True)

    objects = EventConsumerQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name

    def advance(self, last: Event) -> None:
        """It has got the events up to this one, which has a position."""
        self.position, self.failing_since, self.last_error, self.retry_at = last.position or 0, None, "", None
        self.save()
