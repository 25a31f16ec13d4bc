import uuid

import pytest
from django.utils import timezone

from tutorarc.jobs import consumers, registry
from tutorarc.jobs.models import Job
from tutorarc.models import Event
from tutorarc.testing.postgres import postgres
from tutorarc.tests.jobs.real_workers import RealWorkers


@pytest.fixture
def kinds(monkeypatch):
    """Only the kinds and parts of turns that the test registers. What their jobs were called with is in the list."""
    for registered in (registry.KINDS, registry.TURN_FUNCTIONS, consumers.CONSUMERS):
        for name in list(registered):
            monkeypatch.delitem(registered, name)
    yield registry.KINDS
    for registered in (registry.KINDS, registry.TURN_FUNCTIONS, consumers.CONSUMERS):
        registered.clear()  # before monkeypatch puts back what was there


@pytest.fixture
def done(db, kinds):
    """The payloads of the jobs of the kind "note" that were done. It is tried three times: 10 and 60 seconds later."""
    payloads = []
    registry.job("note", retries=(10, 60))(payloads.append)
    return payloads


@pytest.fixture
def fail(db, kinds):
    """`fail.append(error)`: jobs of the kind "break" raise the error. They are tried three times."""
    errors = []

    def raise_error(_payload):
        raise errors[-1]

    registry.job("break", retries=(10, 60))(raise_error)
    return errors


@pytest.fixture
def claim():
    """`claim()`: the job that a worker takes, None if none is due."""

    def take(worker="one", limit=1):
        jobs = Job.objects.claim(list(registry.KINDS), worker, limit)
        return jobs[0] if jobs else None

    return take


@pytest.fixture
def make_event(db):
    """`make_event()`: the id of a new event."""

    def make():
        return Event.objects.create(type="class.updated", created_at=timezone.now(), object_id=uuid.uuid4()).pk

    return make


@pytest.fixture
def own_postgres():
    """A PostgreSQL server that the test may kill."""
    with postgres() as server:
        yield server


@pytest.fixture
def real_workers(own_postgres, tmp_path, provision):
    return RealWorkers(provision(tmp_path, own_postgres.url), own_postgres)
