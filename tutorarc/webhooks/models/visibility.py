"""Which events an endpoint gets: those that `GET /events` would show its owner at that moment."""

from django.http import Http404

from tutorarc.feed.subjects import SUBJECTS
from tutorarc.models import Event
from tutorarc.models.event_queryset import EventQuerySet
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.webhooks.models.endpoint import Endpoint


def visible_events(endpoint: Endpoint) -> EventQuerySet:
    """Numbered events that the endpoint may get, whatever its event types. None if its owner may see none any more."""
    if not may_follow(endpoint):
        return Event.objects.none()
    if endpoint.class_id:
        return Event.objects.of_class(endpoint.class_id)
    return Event.objects.visible_to(endpoint.owner)


def may_follow(endpoint: Endpoint) -> bool:
    """Whether the owner is a teacher, and of the class if the endpoint is for one."""
    owner, subject = endpoint.owner, SUBJECTS["class_id"]
    if not owner.can_teach or not endpoint.class_id:
        return owner.can_teach
    try:
        return subject.may_follow(owner, subject.find(owner, endpoint.class_id))
    except Http404:
        return False


def is_visible(endpoint: Endpoint, event: Event) -> bool:
    """Whether a numbered event is among `visible_events`. Without a query: `may_follow` is taken for granted."""
    if event.type not in PUBLIC_TYPES:
        return False
    if endpoint.class_id:
        return event.class_id == endpoint.class_id
    return endpoint.owner.is_admin or endpoint.owner_id in (event.class_owner_id, event.session_owner_id)
