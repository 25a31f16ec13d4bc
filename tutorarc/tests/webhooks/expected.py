"""Expected answers of the API, and webhooks to test with."""

from datetime import datetime, timedelta
from typing import Any

from tutorarc.domain.events import Actor
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.models import Delivery, Endpoint

URL = "https://school.example/tutorarc"
NO_WEBHOOK = "whk_01h455vb4pex5vsknk084sn02q"  # well-formed ids that name nothing
NO_DELIVERY = "dlv_01h455vb4pex5vsknk084sn02q"


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def new_webhook(owner: Any, **fields: Any) -> Endpoint:
    return Endpoint.objects.register(owner, Actor(owner), **{"url": URL, **fields})[0]


def answered(delivery: Delivery, **answer: Any) -> Delivery:
    """The delivery after an attempt that got this answer, in 87 ms."""
    Delivery.objects.record({delivery.pk: Answer(timedelta(milliseconds=87), **answer)})
    return Delivery.objects.get(pk=delivery.pk)


def shown(webhook: Endpoint, **changes: Any) -> dict[str, Any]:
    """A webhook as its owner sees it: by default of all events, active and without a failure."""
    times = ["disabled_at", "failing_since", "paused_until", "former_secret_until"]
    nothing = dict.fromkeys(["class_id", "disabled_reason", *times])
    whole = {"id": webhook.pk, "url": URL, "description": "", "event_types": [], "status": "ACTIVE"}
    return {**whole, **nothing, "created_at": written(webhook.created_at), **changes}


def shown_delivery(delivery: Delivery, **changes: Any) -> dict[str, Any]:
    """A delivery that is due and was not tried yet."""
    nothing = dict.fromkeys(["last_attempt_at", "duration_ms", "response_status"])
    ids = {"id": delivery.pk, "webhook_id": delivery.endpoint_id, "event_id": delivery.event_id}
    state = {"event_type": delivery.event_type, "status": "PENDING", "attempts": 0, "response_body": "", "error": ""}
    times = {"next_attempt_at": written(delivery.due_at), "created_at": written(delivery.created_at)}
    return {**ids, **state, **nothing, **times, **changes}
