from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apikeys.models import ApiKey, RefusedCall
from apikeys.refusal_log import LOG
from apikeys.refused_calls import PREFIX
from tutorarc.db.ids import first_id_from
from tutorarc.domain.events import SYSTEM
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


@pytest.fixture
def key(alice: Any) -> ApiKey:
    """Alice's."""
    return ApiKey.objects.issue(alice, SYSTEM, name="Sync")[0]


@pytest.fixture
def refuse(key: ApiKey) -> Callable[..., RefusedCall]:
    """`refuse(status=409)`: a refused call of Alice's key; `of=` another one, `age=` ago."""

    def write(of: ApiKey = key, age: timedelta = timedelta(), **fields: Any) -> RefusedCall:
        usual = {"method": "GET", "path": "/x", "route": "/x", "status": 400, "reason": "unknown_field", "message": "M"}
        if age:
            fields["pk"] = first_id_from(PREFIX, timezone.now() - age)
        call = RefusedCall(api_key=of, owner=of.owner, **usual | {"request_id": "req_1"} | fields)
        RefusedCall.objects.write([call])
        return call

    return write
