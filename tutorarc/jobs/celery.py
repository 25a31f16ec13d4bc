"""Celery workers that do the same jobs: `celery -A tutorarc worker` (docs/deploy.md, "Celery").

The rows stay the truth: a message only says that a job is due, and the task claims it as `manage.py work` does. So a
message may be lost or come twice.
"""

import logging
from threading import Event, Thread
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from tutorarc.db.outage import is_outage
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import KINDS
from tutorarc.jobs.run import drop_dead_connection, run
from tutorarc.jobs.turns import Turns, worker_name
from tutorarc.jobs.worker import OUTAGE_PAUSE_SECONDS, POLL_SECONDS

log = logging.getLogger("tutorarc.jobs")
HANDED_OVER_TOGETHER = 500
MOST_MESSAGES = 1_000  # in the queue: those of a long backlog are sent again each minute, as long as there is room
stopping = Event()


def _broker() -> str:
    if not settings.CELERY_BROKER_URL:
        raise ImproperlyConfigured("Celery workers need TUTORARC_CELERY_BROKER_URL.")
    if settings.DATABASES["default"]["ENGINE"] == "tutorarc.db.sqlite":
        raise ImproperlyConfigured("Celery workers need PostgreSQL: SQLite is a file of one machine.")
    return str(settings.CELERY_BROKER_URL)


app = Celery("tutorarc", broker=_broker())
app.conf.update(
    accept_content=["json"],
    broker_connection_max_retries=None,  # a broker that is away comes back some time
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5},
    task_ignore_result=True,
    worker_hijack_root_logger=False,  # the log stays one JSON object a line
    CELERY_DB_REUSE_MAX=1_000,  # a task doesn't connect anew to the database
)


@app.task(name="tutorarc.run_job")
def run_job(pk: str) -> None:
    """Do a job, unless another worker has claimed it."""
    this = Job.objects.filter(pk=pk)
    kinds = this.filter(kind__in=list(KINDS)).values_list("kind", flat=True)
    for job in this.claim(kinds, worker_name(), 1):
        run(job)


def hand_over() -> bool:
    """Send messages for due jobs, while the queue has room. Whether there may be more.

    Raises django.db.Error and BrokerError.
    """
    if not Job.objects.due(timezone.now()).exists():
        return False
    limit = min(HANDED_OVER_TOGETHER, MOST_MESSAGES - messages())
    keys = Job.objects.take_to_hand_over(list(KINDS), limit) if limit > 0 else []
    try:
        for key in keys:
            run_job.apply_async((key,), retry=False)
    except BrokerError:
        Job.objects.filter(pk__in=keys).update(handed_over_at=None)
        raise
    return len(keys) == HANDED_OVER_TOGETHER


def messages() -> int:
    """The number of messages in the queue. Raises BrokerError."""
    with app.connection_for_read() as broker:
        try:
            declared = broker.channel().queue_declare(queue=app.conf.task_default_queue, durable=True)
        except broker.connection_errors + broker.channel_errors as error:
            raise BrokerError(str(error)) from error
        return int(declared.message_count)


@worker_ready.connect
def _start(**_signal: Any) -> None:
    """Each Celery worker takes turns in a thread of its main process: there is no scheduler that could be missing."""
    Thread(target=_take_turns, name="turns", daemon=True).start()


@worker_shutting_down.connect
def _stop(**_signal: Any) -> None:
    stopping.set()


def _take_turns() -> None:
    turns = Turns(worker_name())
    while not stopping.is_set():
        if not _turn(turns):
            stopping.wait(POLL_SECONDS)
    connections.close_all()


def _turn(turns: Turns) -> bool:
    """Whether there is more to do at once."""
    try:
        is_more = turns.take()
        return hand_over() or is_more
    except Exception as error:
        is_away = is_outage(error) or isinstance(error, BrokerError)
        log.log(logging.WARNING if is_away else logging.ERROR, "A turn failed: %s", error, exc_info=not is_away)
        drop_dead_connection()
        stopping.wait(OUTAGE_PAUSE_SECONDS)
        return False
