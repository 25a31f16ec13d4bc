"""Indexes of live sessions.

Lists are read from the index of their owner: a class, a creator, or none for the lists of administrators. Those in a
rare state have indexes of their own, so that they are found among very many sessions.
"""

from django.db.models import Case, F, Index, Q, Value, When
from django.db.models.lookups import IsNull

IS_CANCELLED = Q(cancelled_at__isnull=False)
# In this form PostgreSQL estimates few rows: for `ended_at < start_time` it estimates a third of all sessions.
IS_ENDED_EARLY = Q(IsNull(Case(When(ended_at__lt=F("start_time"), then=Value(None)), default=F("id")), True))
IS_OPEN = Q(strict=False, ended_at=None, cancelled_at=None)  # only a person can end it, whether or not it has begun

_OWNERS = {"sessions": [], "of_class": ["klass"], "of_creator": ["created_by"]}
_RARE = {"cancelled": IS_CANCELLED, "ended_early": IS_ENDED_EARLY, "open": IS_OPEN}

INDEXES = [
    Index(fields=["created_by", "id"], name="sessions_of_a_creator"),
    Index(fields=["created_by", "start_time", "id"], name="sessions_of_creator_by_start"),
    Index(fields=["klass", "id"], name="sessions_of_a_class"),
    Index(fields=["klass", "start_time", "id"], name="sessions_of_class_by_start"),
    Index(fields=["start_time"], name="sessions_by_start"),
    Index(fields=["teacher_ref", "id"], name="sessions_of_a_teacher_id"),
    Index(
        fields=["next_clock_event_at"],
        name="sessions_by_clock_event",
        condition=Q(next_clock_event_at__isnull=False),
    ),
    Index(fields=["series", "start_time", "id"], name="sessions_of_a_series", condition=Q(series__isnull=False)),
    *(
        Index(fields=[*owner, "start_time", "id"], name=f"{state}_{suffix}", condition=condition)
        for state, condition in _RARE.items()
        for suffix, owner in _OWNERS.items()
    ),
    # For owners who have too many of them to sort.
    *(
        Index(fields=[*_OWNERS[suffix], "id", "start_time"], name=f"{state}_{suffix}_by_id", condition=_RARE[state])
        for state in ("cancelled", "open")
        for suffix in ("sessions", "of_creator")
    ),
]
