"""New deliveries for new events."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.db.models import Q

from tutorarc.models import Event, User
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.models.visibility import is_visible, may_follow


def fan_out(events: Sequence[Event]) -> None:
    """Queue these events, which are in the order of the feed, for the endpoints that get them. In a transaction.

    The endpoints are locked, so that no delivery that ends at the same time misses that another one waits for it.
    """
    public = [event for event in events if event.type in PUBLIC_TYPES]
    if public and (endpoints := list(_concerned(public))):
        pairs = ((endpoint, event) for event in public for endpoint in endpoints)
        Delivery.objects.queue(pair for pair in pairs if _gets(*pair))


def _gets(endpoint: Endpoint, event: Event) -> bool:
    return event.type in (endpoint.event_types or PUBLIC_TYPES) and is_visible(endpoint, event)


def _concerned(events: Sequence[Event]) -> Iterator[Endpoint]:
    """The endpoints that may want one of these events, locked in a fixed order."""
    owners = {owner for event in events for owner in (event.class_owner_id, event.session_owner_id) if owner}
    classes = {event.class_id for event in events if event.class_id}
    whole = Q(class_id=None) & (Q(owner__in=owners) | Q(owner__global_role=User.GlobalRole.ADMIN))
    active = Endpoint.objects.active().filter(whole | Q(class_id__in=classes))
    locked = active.select_related("owner").locked()
    for _, group in groupby(locked, key=lambda endpoint: (endpoint.owner_id, endpoint.class_id)):
        endpoints = list(group)
        if may_follow(endpoints[0]):
            yield from endpoints
