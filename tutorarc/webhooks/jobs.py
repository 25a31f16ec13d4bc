"""Background work of webhooks: deliveries for new events, and sending them."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils import timezone

from tutorarc.jobs.consumers import event_consumer
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import each_turn, job
from tutorarc.models import Event
from tutorarc.webhooks.dispatcher import THREADS, Dispatcher
from tutorarc.webhooks.fan_out import fan_out
from tutorarc.webhooks.models import Delivery, Endpoint

DELIVER = "webhooks.deliver"
# A job sends what is due until its period ends, and then waits for the last answers, while the job of the next period
# goes on. So a slow endpoint holds up nobody, and a job ends before its lease of a minute does.
PERIOD_SECONDS = 20
RETRIES = (10, 60)  # of a job that failed by a fault of ours


@event_consumer("webhooks")
def queue_deliveries(events: Sequence[Event]) -> None:
    fan_out(events)


@each_turn
def start_deliveries() -> None:
    """A job of this period, if something is due to an endpoint that is free."""
    now = timezone.now()
    due = Delivery.objects.due(now).order_by().values("endpoint")
    if not Endpoint.objects.free(now).filter(pk__in=due).exists():
        return
    key = f"{DELIVER} {int(time.time()) // PERIOD_SECONDS}"
    if not Job.objects.filter(key=key).exists():
        Job.objects.enqueue(DELIVER, {}, key=key)


@job(DELIVER, threads=2, retries=RETRIES, kept=False)
def deliver(_: dict[str, Any]) -> None:
    left = PERIOD_SECONDS - time.time() % PERIOD_SECONDS
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as executor:
        Dispatcher(executor, left).run()
