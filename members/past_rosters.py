"""The people of a class as they were at a moment, told from events (docs/contract.md, "Members")."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from members.models import Membership
from tutorarc.domain.clock import parse_datetime
from tutorarc.models import Event
from tutorarc.models.event_queryset import EventQuerySet


def first_events(moment: datetime) -> EventQuerySet:
    """The first event of each membership that there was then, with `then`: how the API showed the membership."""
    until_then = Event.objects.numbered().filter(object_id=OuterRef("object_id"), created_at__lte=moment)
    latest = until_then.order_by("-created_at", "-position")
    was_withdrawn = Exists(until_then.filter(type="membership.withdrawn"))
    begun = Event.objects.first_of_memberships().created_until(moment)
    return begun.filter(~was_withdrawn).annotate(then=Subquery(latest.values("data")[:1]))


def as_members(events: Iterable[Any], *, with_people: bool) -> list[Membership]:
    """The memberships of a page of `first_events`, unsaved, with the position of the event for the cursor.

    With people, whose address a reader may see is told by the membership as it is now.
    """
    events = list(events)
    keys = [event.object_id.int for event in events]
    now = Membership.objects.in_bulk(keys) if with_people else {}
    return [_member(event, now.get(event.object_id.int)) for event in events]


def _member(event: Any, now: Membership | None) -> Membership:
    then = event.then
    member = Membership(
        pk=event.object_id.int,
        klass_id=event.class_id,
        user_id=event.user_id,
        role=then["role"],
        status=then["status"],
        joined_at=then["joined_at"] and parse_datetime(then["joined_at"]),
    )
    if now:
        member.email_given_by_id, member.email_given = now.email_given_by_id, now.email_given
    member.position = event.position  # type: ignore[attr-defined]
    return member
