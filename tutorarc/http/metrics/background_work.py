"""Background work in the metrics. The jobs themselves know nothing of HTTP."""

from django.utils import timezone

from tutorarc.http.metrics.gauges import gauge
from tutorarc.jobs.health import SEEN_WITHIN
from tutorarc.jobs.models import Job, Worker


@gauge("work_due", "Jobs that are due and that no worker has taken.")
def work_due() -> float:
    return Job.objects.due(timezone.now()).count()


@gauge("work_due_age_seconds", "For how long the oldest of these jobs has been due; 0 without one.")
def work_due_age() -> float:
    now = timezone.now()
    oldest = Job.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return (now - oldest).total_seconds() if oldest else 0.0


@gauge("work_failed", "Jobs that have failed for good and are still kept.")
def work_failed() -> float:
    return Job.objects.failed().count()


@gauge("workers", "Workers that were seen within the last minute.")
def workers() -> float:
    return Worker.objects.seen_within(SEEN_WITHIN).count()
