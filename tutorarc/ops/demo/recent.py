"""Demo data around the present: live sessions, times of join requests, and recent members.

The other demo data have fixed dates. These are relative to the hour in which they are loaded.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.db.ids import EPOCH, MILLISECOND, to_uuid
from tutorarc.domain.event_rows import plain
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.ops.demo import bulk, words

NEWEST_CLASSES, WEEKS = 500, range(-4, 5)
MAX_REQUESTS, MAX_JOINS = 5_000, 5_000
DAYS = timedelta(days=30)
HOURS_A_WEEK = 7 * 24
SESSION_COLUMNS = (
    "id", "title", "start_time", "duration", "end_time", "strict", "teacher_ref", "klass", "created_by",
    "ended_at", "cancelled_at", "created_at", "updated_at",
)  # fmt: skip


def add_recent(now: datetime, seed: int) -> None:
    """Add live sessions to the newest classes, one of which is live now, and date requests and joins up to now."""
    rng = random.Random(f"{seed}/recent")  # noqa: S311 (nothing secret is made of it)
    classes = list(Class.objects.filter(status=Class.Status.ACTIVE).order_by("-pk")[:NEWEST_CLASSES])
    bulk.insert(LiveSession, SESSION_COLUMNS, _sessions(classes, now, rng), lambda _: None)
    _spread_joins(classes, now, rng)
    _record_requests(Membership.objects.waiting()[:MAX_REQUESTS], now, rng)


def _sessions(classes: Sequence[Class], now: datetime, rng: random.Random) -> Iterator[bulk.Row]:
    """One session a week for each class, from four weeks ago to four weeks from now, at an hour of its own."""
    for index, klass in enumerate(classes):
        hour = timedelta(hours=index * 37 % HOURS_A_WEEK)
        for week, title in zip(WEEKS, words.LESSONS, strict=True):
            start, duration = now + timedelta(weeks=week) + hour, rng.choice((45, 60, 90))
            end, strict = start + timedelta(minutes=duration), rng.random() < 0.5
            ended_at = end if end <= now and not strict else None
            cancelled_at = now if start > now and rng.random() < 0.1 else None
            created = min(now, start) - timedelta(days=rng.randrange(1, 8))
            owner, klass_id = to_uuid("usr", klass.created_by_id), to_uuid("cls", klass.pk)
            changed = ended_at or cancelled_at or created
            yield (
                _id_at(created, rng), title, start, duration, end, strict, f"teacher_{index}", klass_id, owner,
                ended_at, cancelled_at, created, changed,
            )  # fmt: skip


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
                "id": _id_at(time, rng),
                "created_at": time,
                "actor_user_id": member.user_id,
            }
        )
        for member, time in zip(requests, times, strict=True)
    ]
    Event.objects.bulk_create(events, batch_size=1_000)
    number_events()


def _id_at(created: datetime, rng: random.Random) -> uuid.UUID:
    upper = (created - EPOCH) // MILLISECOND << 16 | 7 << 12 | rng.getrandbits(12)
    return uuid.UUID(int=upper << 64 | 2 << 62 | rng.getrandbits(62))
