import pytest

from tutorarc.jobs import registry
from tutorarc.jobs.models import Job


@pytest.fixture
def kinds(monkeypatch):
    """Only the kinds and parts of turns that the test registers. What their jobs were called with is in the list."""
    monkeypatch.setattr(registry, "KINDS", registry.KINDS)
    before, turns = dict(registry.KINDS), dict(registry.TURN_FUNCTIONS)
    registry.KINDS.clear()
    registry.TURN_FUNCTIONS.clear()
    yield registry.KINDS
    for registered, kept in ((registry.KINDS, before), (registry.TURN_FUNCTIONS, turns)):
        registered.clear()
        registered.update(kept)


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
