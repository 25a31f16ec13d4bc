"""Demo data around the present: lessons, series and attendance, times of join requests, and recent members.

The other demo data have fixed dates. These are relative to the hour in which they are loaded.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from tutorarc.domain.event_rows import plain
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.ops.demo.lessons import Lessons, id_at

NEWEST_CLASSES = 500
MAX_REQUESTS, MAX_JOINS = 5_000, 5_000
DAYS = timedelta(days=30)


def add_recent(now: datetime, seed: int) -> None:
    """Add lessons to the newest classes, one of which is live now, and date requests and joins up to now."""
    rng = random.Random(f"{seed}/recent")  # noqa: S311 (nothing secret is made of it)
    classes = list(Class.objects.filter(status=Class.Status.ACTIVE).order_by("-pk")[:NEWEST_CLASSES])
    _spread_joins(classes, now, rng)
    Lessons(classes, now, rng).insert()
    _record_requests(Membership.objects.waiting()[:MAX_REQUESTS], now, rng)


def _spread_joins(classes: Sequence[Class], now: datetime, rng: random.Random) -> None:
    """Spread the joining times of students of the newest classes from the class's creation to now."""
    joined = Membership.objects.filter(klass__in=classes, role="STUDENT", status=MembershipStatus.APPROVED)
    members = list(joined.select_related("klass").order_by("-pk")[:MAX_JOINS])
    for member in members:
        created = member.klass.created_at
        member.joined_at = created + (now - created) * rng.random()
    Membership.objects.bulk_update(members, ["joined_at"], batch_size=1_000)


def _record_requests(waiting: "QuerySet[Membership]", now: datetime, rng: random.Random) -> None:
    """Write the event of each pending request, the oldest 30 days ago."""
    requests = list(waiting)
    step = DAYS / max(1, len(requests))
    times = [now - DAYS + index * step for index in range(len(requests))]
    source = Membership.event_source
    events = [
        Event(
            **{
                **plain(source.event(member, "join_request", {}, created=True)),
                "id": id_at(time, rng),
                "created_at": time,
                "actor_user_id": member.user_id,
            }
        )
        for member, time in zip(requests, times, strict=True)
    ]
    Event.objects.bulk_create(events, batch_size=1_000)
    number_events()
