"""The requests for deliveries: their bodies, and the headers of the Standard Webhooks specification."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from standardwebhooks import Webhook

from tutorarc.api.json import dump
from tutorarc.feed.subjects import Shown, represent
from tutorarc.models import Event
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.models.visibility import is_visible, may_follow

USER_AGENT = "TutorArc-Webhooks/1.0"


class Message(NamedTuple):
    """One request: the body is signed when it is sent, with the time of that moment."""

    endpoint: Endpoint
    event_id: str
    body: bytes

    def headers(self) -> dict[str, str]:
        """Raises cryptography.fernet.InvalidToken if a secret can't be decrypted."""
        now = datetime.now(UTC)  # in UTC: `sign` takes the time of another zone for one in UTC
        secrets, body = self.endpoint.signing_secrets(), self.body.decode()
        return {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": self.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(self.event_id, now, body) for secret in secrets),
        }


def messages_for(deliveries: Sequence[Delivery], endpoints: Mapping[str, Endpoint]) -> dict[str, Message]:
    """The requests by the id of the delivery, without those whose event the owner may not see any more.

    In a constant number of statements for each owner.
    """
    events = _visible_events(deliveries, endpoints)
    shown = _shown(events, endpoints)
    return {
        delivery.pk: Message(endpoints[delivery.endpoint_id], event.pk, dump(shown[delivery.pk]))
        for delivery, event in events
    }


Pairs = list[tuple[Delivery, Event]]


def _visible_events(deliveries: Sequence[Delivery], endpoints: Mapping[str, Endpoint]) -> Pairs:
    events = Event.objects.numbered().in_bulk([delivery.event_id for delivery in deliveries])
    following = _following(endpoints.values())
    found = []
    for delivery in deliveries:
        endpoint, event = endpoints[delivery.endpoint_id], events.get(delivery.event_id)
        if delivery.is_test and endpoint.owner.can_teach:
            found.append((delivery, _test_event(endpoint, delivery)))
        elif event and endpoint.pk in following and is_visible(endpoint, event):
            found.append((delivery, event))
    return found


def _following(endpoints: Iterable[Endpoint]) -> set[str]:
    """The endpoints whose owners may follow what they are for; each owner and class is asked for once."""
    alike = defaultdict(list)
    for endpoint in endpoints:
        alike[endpoint.owner_id, endpoint.class_id].append(endpoint)
    return {endpoint.pk for group in alike.values() if may_follow(group[0]) for endpoint in group}


def _shown(pairs: Pairs, endpoints: Mapping[str, Endpoint]) -> dict[str, Shown]:
    """The events as the feed shows them to the owners, by the id of the delivery."""
    by_owner = defaultdict(list)
    for delivery, event in pairs:
        by_owner[endpoints[delivery.endpoint_id].owner].append((delivery, event))
    return {
        delivery.pk: shown
        for owner, own in by_owner.items()
        for (delivery, _), shown in zip(own, represent([event for _, event in own], owner), strict=True)
    }


def _test_event(endpoint: Endpoint, delivery: Delivery) -> Event:
    return Event(
        pk=delivery.event_id,
        type=delivery.event_type,
        created_at=delivery.created_at,
        actor_user_id=endpoint.owner_id,
        class_id=endpoint.class_id,
        data={"webhook_id": endpoint.pk},
    )
