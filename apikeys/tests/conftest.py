from collections.abc import Callable, Iterator

import pytest

from apikeys.models import ApiKey, RefusedCall
from apikeys.refusal_log import LOG
from tutorarc.domain.history import SYSTEM
from tutorarc.testing.client import Client


@pytest.fixture
def logged(db: None) -> Iterator[Callable[[], list[RefusedCall]]]:
    """`logged()`: writes what was noted, as a thread of the server does, and returns the refused calls in order."""
    LOG.discard()

    def flush() -> list[RefusedCall]:
        LOG.flush()
        return list(RefusedCall.objects.order_by("pk"))

    yield flush
    LOG.discard()


@pytest.fixture
def key_of(db: None) -> Callable[..., tuple[ApiKey, Client]]:
    """`key_of(alice)`: a key of hers, and a client that sends it."""

    def issue(user, **options):
        key, plaintext = ApiKey.objects.issue(user, SYSTEM, **options)
        key.touch()
        return key, Client(headers={"X-API-Key": plaintext})

    return issue
