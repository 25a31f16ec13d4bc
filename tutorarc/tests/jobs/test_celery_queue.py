"""How many messages a Celery worker sends. The broker is in memory."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from tutorarc.jobs.models import Job

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="Celery workers need PostgreSQL")


@pytest.fixture
def celery(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "memory://"
    module = import_module("tutorarc.jobs.celery")
    monkeypatch.setattr(module, "MOST_MESSAGES", 5)
    monkeypatch.setattr(module, "HANDED_OVER_TOGETHER", 3)
    return module


def test_a_long_backlog_does_not_fill_the_queue(half_past_nine, done, celery, time_machine):
    Job.objects.enqueue_all("note", [{}] * 12)
    for _ in range(3):
        while celery.hand_over():
            pass
        assert celery.messages() == 5
        time_machine.shift(timedelta(minutes=1))
    with celery.app.connection_for_read() as broker, broker.channel() as channel:
        channel.queue_purge("celery")
    assert (celery.hand_over(), celery.messages()) == (True, 3)
