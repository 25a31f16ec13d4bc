"""Which events an endpoint gets: those that `GET /events` would show its owner at that moment."""

from tutorarc.models import Event
from tutorarc.models.event import PUBLIC_TYPES, EventQuerySet
from tutorarc.webhooks.models.endpoint import Endpoint


def visible_events(endpoint: Endpoint) -> EventQuerySet:
    """Numbered events that the endpoint may get, whatever its event types. None if its owner may see none any more."""
    if not endpoint.owner.can_teach:
        return Event.objects.none()
    if endpoint.class_id:
        return Event.objects.of_class(endpoint.class_id)
    return Event.objects.visible_to(endpoint.owner)


def wants(endpoint: Endpoint, event: Event) -> bool:
    """`visible_events` for one event, without a query: whether a class endpoint's owner teaches it is left open."""
    if event.type not in (endpoint.event_types or PUBLIC_TYPES):
        return False
    if endpoint.class_id:
        return event.class_id == endpoint.class_id
    return endpoint.owner.is_admin or endpoint.owner_id in (event.class_owner_id, event.session_owner_id)
